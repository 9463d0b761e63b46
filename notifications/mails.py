"""Every mail that intake sends: typed facts in, a mail out. Pure.

No mail holds a client's name, sound, or what the jury decided; each names the coordinator.
"""

from dataclasses import dataclass
from datetime import date, datetime

from notifications.answers import contact_lines, file_name_of, for_mail, words
from notifications.composing import Person, Says, Setting, compose, letter_of, short
from notifications.documents import answer_pdf
from notifications.facts import AnswerFacts
from notifications.letters import as_html, as_text
from notifications.mail import Attachment, Mail
from notifications.parts import Contact, Line, Part, one_line
from notifications.reports import IntakeReport, as_table, file_name, state_label
from notifications.words import ANSWERS, MAILS
from notifications.words.mail_shape import Alert, Missing, Task
from notifications.words.report_words import ReportState
from notifications.workbooks import report_workbook
from registry.codes import Code, Language
from registry.phrases import long_date, moment, until


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a candidate, and where: the facts of the opening mail and of the reminders."""

    reference: str
    limit: str
    hearing_date: date
    earliest_call_date: date
    deadline: date
    folder_link: str | None
    form_link: str | None


def deposit_open(person: Person, setting: Setting, expected: Expected) -> Mail:
    """Tell a candidate that the folder is open: what is expected, what to do, until when, whom to ask."""
    say = Says(person.language)
    m, a = MAILS[person.language], ANSWERS[person.language]
    facts = {
        "limit": expected.limit,
        "unit": one_line(setting.unit_label),
        "hearing": long_date(expected.hearing_date, person.language),
        "earliest": long_date(expected.earliest_call_date, person.language),
    }
    asked = Part(say(m.open_expected), tuple(Line(say(t, facts)) for t in (m.open_recording, m.open_earliest, m.open_consent)))
    steps = [
        Line(say(m.open_folder)),
        *_folder(expected, say),
        Line(say(m.open_no_client_name)),
        *_form(expected, say),
        Line(say(m.open_answer)),
    ]
    parts = (
        asked,
        Part(say(a.to_do), tuple(steps)),
        Part(say(a.until_when), (Line(say(a.deadline, {"until": until(expected.deadline, person.language)})),)),
        _whom(setting.contact, expected.reference, person.language),
    )
    return compose("deposit.open", person, setting, say(m.open_title), parts)


def answer(facts: AnswerFacts, to: str) -> Mail:
    """Send one of the five answers, or that to an attestation that came first: the folder's words, with its PDF attached.

    The file's name is left out, of the text and of the PDF: it may hold a client's name.
    """
    told = for_mail(facts)
    said = words(told)
    setting = Setting(facts.scheme_title, facts.unit_label, facts.session_label, facts.contact)
    person = Person(facts.civility, facts.name, to, facts.language)
    table = [Line(f"{label}{said.colon}{value}") for label, value in said.facts]
    if said.fingerprint is not None:
        table += [Line(f"{said.fingerprint_label}{said.colon}{said.fingerprint}"), Line(said.fingerprint_note)]
    attachment = Attachment(file_name_of(facts), answer_pdf(told))
    kind = "answer.attested" if facts.attested else f"answer.{facts.answer.value}"
    return compose(kind, person, setting, said.title, said.parts, foot=tuple(table), attachment=attachment)


def reminder(person: Person, setting: Setting, expected: Expected, missing: Missing, today: date) -> Mail:
    """Remind a candidate of what is missing, some days before the last day.

    Raises:
        ValueError: the last day has passed.
    """
    language = person.language
    say, a = Says(language), ANSWERS[language]
    reminded = MAILS[language].reminders[missing]
    steps = [Line(say(reminded.to_do))]
    if missing is not Missing.ATTESTATION:
        steps += _folder(expected, say)
    steps += _form(expected, say)
    earliest = Line(
        say(
            MAILS[language].open_earliest,
            {
                "hearing": long_date(expected.hearing_date, language),
                "earliest": long_date(expected.earliest_call_date, language),
            },
        )
    )
    last = Line(say(a.attestation_until if missing is Missing.ATTESTATION else a.deadline, {"until": until(expected.deadline, language)}))
    parts = (
        Part(say(a.missing), (Line(say(reminded.missing)),)),
        Part(say(a.to_do), tuple(steps)),
        Part(say(a.until_when), (last, earliest)),
        _whom(setting.contact, expected.reference, language),
    )
    when = _days((expected.deadline - today).days, language)
    return compose(f"reminder.{missing.value}", person, setting, say(reminded.title, {"when": when}), parts)


def intake_report(report: IntakeReport, person: Person, contact: Contact) -> Mail:
    """Send a coordinator the state of a session: counts, a table, and the same table as a workbook."""
    language = person.language
    say, m = Says(language), MAILS[language]
    counted = [
        say(m.report_count, {"label": state_label(state, language), "count": str(report.count(state))})
        for state in ReportState
        if report.count(state)
    ]
    counts = [Line(" · ".join(counted)) if counted else Line(say(m.report_nobody))]
    counts += [
        Line(say(m.report_deadline, {"day": long_date(report.deadline, language)})),
        Line(say(m.report_as_of, {"when": moment(report.as_of, language)})),
        Line(say(m.report_attached)),
    ]
    setting = Setting(report.scheme_title, report.unit_label, report.session_label, contact)
    attachment = Attachment(file_name(report, language, "xlsx"), report_workbook(report, language))
    table = as_table(report, language) if report.rows else None
    parts = (Part(say(m.report_counts), tuple(counts)), Part(say(ANSWERS[language].whom), tuple(contact_lines(contact, language))))
    return compose("report.intake", person, setting, say(m.report_title), parts, table=table, attachment=attachment)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a coordinator must know of one task. ``code`` is needed where the words name one."""

    task: Task
    reference: str
    candidate: str
    found_at: datetime
    codes: tuple[Code, ...] = ()
    by: date | None = None
    page_link: str | None = None
    folder_link: str | None = None


def coordinator_task(facts: TaskFacts, person: Person, setting: Setting) -> Mail:
    """Ask a coordinator to do something about one dossier."""
    language = person.language
    say, m, a = Says(language), MAILS[language], ANSWERS[language]
    task = m.tasks[facts.task]
    codes = ", ".join(a.codes[code].short for code in facts.codes) or "-"
    happened = [
        Line(say(task.have, {"code": codes})),
        Line(say(m.task_candidate, {"candidate": short(facts.candidate), "reference": short(facts.reference)})),
        Line(say(m.task_found, {"when": moment(facts.found_at, language)})),
    ]
    to_do = [Line(say(task.to_do))]
    to_do += [Line(say(m.task_page), facts.page_link)] if facts.page_link else []
    to_do += [Line(say(m.open_folder_link), facts.folder_link)] if facts.folder_link else []
    to_do += [Line(say(m.task_by, {"by": long_date(facts.by, language)}))] if facts.by else []
    parts = (
        Part(say(m.task_happened), tuple(happened)),
        Part(say(a.to_do), tuple(to_do)),
        Part(say(a.whom), tuple(contact_lines(setting.contact, language))),
    )
    return compose(f"task.{facts.task.value}", person, setting, say(task.title), parts)


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is wrong, since when, and how many things are touched. No name, no address."""

    alert: Alert
    centre: str
    since: datetime
    contact: Contact
    count: int | None = None


def alert(facts: AlertFacts, person: Person) -> Mail:
    """Tell staff that the running centre needs a hand: what is seen, what it means meanwhile, what to do."""
    language = person.language
    say, m, a = Says(language), MAILS[language], ANSWERS[language]
    alert_words = m.alerts[facts.alert]
    seen = [Line(say(alert_words.seen)), Line(say(m.alert_since, {"when": moment(facts.since, language)}))]
    seen += [Line(say(m.alert_count, {"count": str(facts.count)}))] if facts.count is not None else []
    parts = (
        Part(say(m.alert_seen), tuple(seen)),
        Part(say(m.alert_meanwhile), (Line(say(alert_words.meanwhile)),)),
        Part(say(a.to_do), (Line(say(alert_words.to_do)),)),
        Part(say(a.whom), tuple(contact_lines(facts.contact, language))),
    )
    title = say(m.alert_subject, {"title": say(alert_words.title)})
    letter = letter_of(language, short(facts.centre), title, "", parts)
    return Mail(f"alert.{facts.alert.value}", person.mail, language, title, as_text(letter), as_html(letter))


def _folder(expected: Expected, say: Says) -> list[Line]:
    m = MAILS[say.language]
    named = Line(say(m.open_folder_named, {"reference": short(expected.reference)}))
    return [Line(say(m.open_folder_link), expected.folder_link), named] if expected.folder_link else [named]


def _form(expected: Expected, say: Says) -> list[Line]:
    m = MAILS[say.language]
    if expected.form_link is None:
        return [Line(say(m.open_pdf))]
    return [Line(say(m.open_form)), Line(say(m.open_form_link), expected.form_link)]


def _whom(contact: Contact, reference: str, language: Language) -> Part:
    texts = ANSWERS[language]
    say = Says(language)
    return Part(say(texts.whom), (*contact_lines(contact, language), Line(say(texts.quote, {"reference": short(reference)}))))


def _days(left: int, language: Language) -> str:
    texts = MAILS[language]
    if left < 0:
        raise ValueError("a reminder is sent on or before the last day")
    return {0: texts.today, 1: texts.tomorrow}.get(left, texts.in_days.format(count=left))
