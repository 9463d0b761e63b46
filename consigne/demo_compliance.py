"""What the compliance officer of the demonstration asks at its end: the register, and a client's question."""

from datetime import date
from pathlib import Path
from urllib.parse import quote

from consigne.demo_index import Link
from consigne.wiring import Parts
from notifications.client_replies import reply_pdf
from notifications.compliance_pages import compliance_page
from notifications.compliance_sheets import compliance_workbook
from notifications.replies import Held, Question
from registry.codes import Language
from retention import answering, reporting


def write_register(parts: Parts, directory: Path) -> tuple[int, list[Link]]:
    """Write the register as ``register`` does; return how many destructions it names, and the links."""
    told = reporting.report(parts.database, parts.centre, parts.settings.retention.choices, parts.clock.now())
    page, workbook = directory / "registre.html", directory / "registre.xlsx"
    page.write_text(compliance_page(told, Language.FR), "utf-8")
    workbook.write_bytes(compliance_workbook(told, Language.FR))
    return told.registered, [Link("Registre des destructions", page.name), Link("Le même, dans Excel", workbook.name)]


def answer_client(parts: Parts, directory: Path, name: str, call_date: date) -> tuple[list[Held], Link]:
    """Answer a client who asks after the recording of a call on that day, as ``answer`` does; return what was found, and the reply."""
    with parts.database.reading() as session:
        found = answering.answer(session, Question(call_date), parts.clock.now())
        reply = answering.reply(
            found, parts.centre, parts.centre.contact_for(session, None), parts.settings.retention.proof_retention_years
        )
    path = directory / f"{name}.pdf"
    path.write_bytes(reply_pdf(reply, Language.FR))
    return [one.held for one in found.found], Link("La réponse à un client (PDF)", quote(path.name))
