"""The intake report as one HTML page that stands alone: a picture of the session, then the table. Pure.

No script, nothing from outside, one stylesheet; light and dark; on a phone each row becomes a card. A state is never a
colour alone: its shape and its word stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.reports import IntakeReport, as_table, state_label
from notifications.words import MAILS
from notifications.words.report_words import MARKS, REPORTS, ReportState
from registry.codes import Language
from registry.phrases import long_date, moment, typeset

BAR_WIDTH, _GAP = 100.0, 0.3
_LABELLED = 12.0  # per cent of the bar that a shape and a number need on a phone


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme; ``states`` are fills, ``on_state`` what is written on them."""

    page: str
    card: str
    ink: str
    quiet: str
    line: str
    on_state: str
    states: Mapping[ReportState, str]


LIGHT = Palette(
    page="#f3f5f8",
    card="#ffffff",
    ink="#1c2430",
    quiet="#505a68",
    line="#d5dae2",
    on_state="#ffffff",
    states={
        ReportState.LATE: "#9c2227",
        ReportState.TO_CHECK: "#7a4f00",
        ReportState.REFUSED: "#7d2a63",
        ReportState.WAITING: "#174a8c",
        ReportState.MISSING: "#565d68",
        ReportState.RECEIVED: "#1b6b41",
    },
)
DARK = Palette(
    page="#12161c",
    card="#1b212a",
    ink="#eef1f5",
    quiet="#b3bcc8",
    line="#3a4350",
    on_state="#12161c",
    states={
        ReportState.LATE: "#f2a0a3",
        ReportState.TO_CHECK: "#e9bd6b",
        ReportState.REFUSED: "#e3a3d2",
        ReportState.WAITING: "#9cc2f5",
        ReportState.MISSING: "#b9c0ca",
        ReportState.RECEIVED: "#8fd3ac",
    },
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One state's share of the bar, in per cent of its width."""

    state: ReportState
    label: str
    mark: str
    count: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        """Where the shape and the number stand."""
        return round(self.x + self.width / 2, 2)

    @property
    def labelled(self) -> bool:
        """Whether the shape and the number fit inside; the legend has them in any case."""
        return self.width >= _LABELLED


def segments(report: IntakeReport, language: Language) -> tuple[Segment, ...]:
    """Share the bar between the states that somebody is in, most urgent first."""
    present = [state for state in ReportState if report.count(state)]
    room = BAR_WIDTH - _GAP * max(len(present) - 1, 0)
    parts, x = [], 0.0
    for state in present:
        count = report.count(state)
        width = room * count / len(report.rows)
        parts.append(Segment(state, typeset(state_label(state, language), language), MARKS[state], count, round(x, 2), round(width, 2)))
        x += width + _GAP
    return tuple(parts)


def report_page(report: IntakeReport, language: Language) -> str:
    """Write the page, in the reader's language."""
    texts, mails = REPORTS[language], MAILS[language]
    parts, table = segments(report, language), as_table(report, language)
    described = ", ".join(typeset(mails.report_count, language).format(label=part.label, count=part.count) for part in parts)
    return (
        _environment()
        .get_template("report.html")
        .render(
            language=language.value,
            title=typeset(mails.report_title, language),
            context=report.context,
            as_of=typeset(mails.report_as_of, language).format(when=moment(report.as_of, language)),
            deadline=typeset(mails.report_deadline, language).format(day=long_date(report.deadline, language)),
            total=typeset(texts.candidates, language).format(count=len(report.rows)),
            nobody=typeset(mails.report_nobody, language),
            picture=typeset(texts.picture, language),
            described=described,
            caption=typeset(texts.table, language),
            segments=parts,
            table=table,
            rows=[(cells, row.state.value) for cells, row in zip(table.rows, report.rows, strict=True)],
            light=LIGHT,
            dark=DARK,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
