"""The compliance report by mail: the figures in a table, what to do, and the destruction register as a workbook. Pure."""

from notifications.answers import contact_lines
from notifications.compliance import ComplianceReport, Figures
from notifications.compliance_tables import figures_table, file_name
from notifications.composing import Person, Says, letter_of, short
from notifications.letters import as_html, as_text
from notifications.mail import Attachment, Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS
from notifications.words.compliance_words import COMPLIANCE
from registry.phrases import moment

KIND = "report.compliance"


def compliance_report(report: ComplianceReport, workbook: bytes, person: Person, contact: Contact) -> Mail:
    """Send a compliance officer the report. It names no candidate, no client and no result.

    Args:
        report: what is told.
        workbook: the same report as a workbook in the person's language, drawn once for all who read it.
        person: whom it is for.
        contact: whom to ask.
    """
    language, figures = person.language, report.figures
    say, said = Says(language), COMPLIANCE[language]
    when = Line(say(said.as_of, {"when": moment(report.as_of, language)}))
    parts = (
        Part(say(said.figures_heading), (Line(_state(figures, say)), when)),
        Part(say(ANSWERS[language].to_do), tuple(Line(one) for one in _to_do(figures, say))),
        Part(say(said.register_heading), (Line(say(said.attached)), Line(say(said.register_page)))),
        Part(say(ANSWERS[language].whom), tuple(contact_lines(contact, language))),
    )
    title, centre = say(said.title), short(report.centre)
    letter = letter_of(language, centre, title, "", parts, figures_table(figures, language))
    attachment = Attachment(file_name(report, said.register_stem, "xlsx"), workbook)
    return Mail(KIND, person.mail, language, f"{title} - {centre}", as_text(letter), as_html(letter), attachment)


def _state(figures: Figures, say: Says) -> str:
    said = COMPLIANCE[say.language]
    if not figures.overdue and not figures.failed:
        return say(said.well)
    return say(said.not_well, {"overdue": str(figures.overdue), "failed": str(figures.failed)})


def _to_do(figures: Figures, say: Says) -> list[str]:
    said = COMPLIANCE[say.language]
    counted = ((figures.overdue, said.to_do_overdue), (figures.failed, said.to_do_failed), (figures.on_hold, said.to_do_hold))
    return [say(text) for count, text in counted if count] or [say(said.to_do_nothing)]
