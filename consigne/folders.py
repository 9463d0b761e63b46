"""Opening folders, and writing and sending at once what a command queued, so that it works also when nothing runs."""

import random

from consent.pdf import attestation_pdf

from consigne.wiring import Parts
from intake import folders
from notifications.sending import send_due
from registry import owners
from registry.database import Transaction
from registry.sessions import File


def open_for(parts: Parts, tx: Transaction, file: File) -> None:
    """Queue the folder of one dossier: the page, the prefilled attestation, the mail."""
    folders.open_folder(tx, file, parts.centre, attestation_pdf(file, parts.notices))


def write_now(parts: Parts) -> None:
    """Write what is queued for the folders, then send what is queued for the mail."""
    while folders.write_due(parts.database, parts.share, parts.clock.now()).written:
        continue
    send_now(parts)


def send_now(parts: Parts) -> None:
    """Send what is queued. What cannot leave stays queued."""
    owner = owners.this_process()
    send_due(parts.database.bookkeeping, parts.mailer, parts.sender, parts.clock, owner, jitter=random.random)
