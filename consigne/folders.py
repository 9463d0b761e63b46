"""Opening folders, and writing and sending at once what a command queued, so that it works also when nothing runs."""

import random

from consent.pdf_form import Prefill, write_attestation
from consigne.wiring import Parts
from intake import folders
from notifications.sending import send_due
from registry import owners
from registry.database import Transaction
from registry.sessions import File


def open_for(parts: Parts, tx: Transaction, file: File) -> None:
    """Queue the folder of one dossier: the page, the prefilled attestation, the mail. Nothing where no recording is expected."""
    if not file.scheme.takes_recording(file.session.unit):
        return
    folders.open_folder(tx, file, parts.centre, write_attestation(_prefill(parts, tx, file)))


def _prefill(parts: Parts, tx: Transaction, file: File) -> Prefill:
    rules = file.scheme.recording
    earliest = rules.earliest_call_date(file.hearing_on) if rules else file.hearing_on
    contact = parts.centre.contact_for(tx.session, file)
    return Prefill(
        session=file.session.code,
        certification=f"{file.scheme.title} · {file.scheme.unit_label(file.session.unit, file.language)}",
        candidate_reference=file.candidate.reference,
        candidate_name=f"{file.candidate.given_name} {file.candidate.family_name}",
        client_reference=file.dossier.client_reference,
        earliest_call=earliest,
        deadline=file.session.deadline_on,
        contact=f"{contact.name}, {contact.mail}",
        notices=parts.notices.offered(earliest, file.session.deadline_on),
        language=file.language,
    )


def write_now(parts: Parts) -> None:
    """Write what is queued for the folders, then send what is queued for the mail."""
    while folders.write_due(parts.database, parts.share, parts.clock.now()).written:
        continue
    send_now(parts)


def send_now(parts: Parts) -> None:
    """Send what is queued. What cannot leave stays queued."""
    owner = owners.this_process()
    send_due(parts.database.bookkeeping, parts.mailer, parts.sender, parts.clock, owner, jitter=random.random)
