"""The compliance report as tables of words, for the mail, the workbook and the page. Pure."""

from datetime import date, datetime

from notifications.compliance import ComplianceReport, Entry, Figure, Figures
from notifications.letters import Table
from notifications.parts import cell
from notifications.retention_mails import RETENTION
from notifications.words.compliance_words import COMPLIANCE, STAGE_MARKS
from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, typeset

Value = str | int | date | datetime | None
"""What one column of the register holds, before it is written: instants aware, texts as they are."""


def value_of(figure: Figure, figures: Figures, language: Language) -> str:
    """Write one figure: a number, or an age in days."""
    texts = COMPLIANCE[language]
    if figure is not Figure.OLDEST:
        return str(getattr(figures, figure.value))
    return texts.none_yet if figures.oldest_days is None else days(figures.oldest_days, language)


def days(count: int, language: Language) -> str:
    """Write a number of days."""
    texts = COMPLIANCE[language]
    return texts.one_day if count == 1 else texts.days.format(count=count)


def detail_of(figure: Figure, figures: Figures, language: Language) -> str:
    """Say more of one figure where there is more to say: since when, how many of them; else nothing."""
    texts, said = COMPLIANCE[language], ""
    if figure is Figure.HELD and figures.held:
        said = texts.undated.format(count=figures.undated) if figures.undated else texts.all_dated
    elif figure is Figure.OLDEST and figures.oldest_call:
        said = texts.since_call.format(day=long_date(figures.oldest_call, language))
    elif figure is Figure.OVERDUE and figures.overdue_since:
        said = texts.overdue_since.format(day=_day(figures.overdue_since, language))
    elif figure is Figure.ON_HOLD and figures.held_since and figures.on_hold_days is not None:
        said = f"{texts.held_since.format(day=_day(figures.held_since, language))} ({days(figures.on_hold_days, language)})"
    elif figure is Figure.DESTROYED and figures.destroyed:
        said = texts.destroyed_lately.format(count=figures.destroyed_lately, day=long_date(figures.since, language))
    return typeset(said, language)


def figures_table(figures: Figures, language: Language) -> Table:
    """Write the figures as a table that a mail can hold."""
    texts = COMPLIANCE[language]
    rows = []
    for figure in Figure:
        told = (texts.figures[figure].meaning, detail_of(figure, figures, language))
        rows.append(
            (
                texts.figures[figure].label,
                value_of(figure, figures, language),
                typeset(_semicolon(language).join(filter(None, told)), language),
            )
        )
    return Table(texts.figure_headers, tuple(rows))


def _semicolon(language: Language) -> str:
    return " ; " if language is Language.FR else "; "


def _day(instant: datetime, language: Language) -> str:
    return long_date(civil_date(instant), language)


def holds_table(figures: Figures, language: Language) -> Table:
    """Write the holds that stand, oldest first."""
    texts = COMPLIANCE[language]
    rows = tuple(
        (
            texts.hold_reasons[one.reason],
            texts.hold_scopes[one.scope],
            f"{_day(one.since, language)} ({days((civil_date(figures.as_of) - civil_date(one.since)).days, language)})",
            long_date(one.review_on, language) if one.review_on else "",
            str(one.recordings),
        )
        for one in figures.standing
    )
    return Table(texts.hold_headers, rows)


def register_row(entry: Entry, language: Language) -> tuple[Value, ...]:
    """Return one line of the register, as values in the order of its columns."""
    texts = COMPLIANCE[language]
    return (
        entry.number,
        f"{STAGE_MARKS[entry.stage]} {texts.stages[entry.stage]}",
        entry.completed_at,
        RETENTION[language].causes.get(entry.cause, entry.cause),
        entry.session,
        entry.candidate,
        entry.client_reference,
        entry.call_date,
        entry.deposited_at,
        entry.decided_on,
        entry.notified_on,
        entry.appeal_last_day,
        entry.eligible_at,
        entry.started_at,
        entry.approved_by or texts.nobody,
        entry.irreversible_from,
        entry.kept_until,
        entry.recording,
        entry.sha256,
        entry.facts_sha256,
        entry.journal_index,
    )


def plain(value: Value, language: Language) -> str:
    """Write one value in words, safe in a table that people paste into a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _day(value, language)
    if isinstance(value, date):
        return long_date(value, language)
    return cell(str(value))


def file_name(report: ComplianceReport, stem: str, extension: str) -> str:
    """Name a file of this report: its day, and nothing personal."""
    return f"{stem} {civil_date(report.as_of).isoformat()}.{extension}"
