"""The candidate's folder: opening it, and writing into it what the outbox holds."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from intake import claims, facts, outdated
from intake.answering import folder_of
from intake.errors import ChangedError, IntakeError, NotRegularError, UnreadableError
from intake.page import folder_page
from intake.shares import Place, Share, digest
from notifications import mails, outbox
from notifications.centre import Centre
from registry.database import Database, Transaction
from registry.ids import new_id
from registry.sessions import File
from registry.tables import Dossier, OutboxFile

_BATCH = 50
_RETRY = timedelta(seconds=20)
_TAKE_AWAY_AGAIN = timedelta(minutes=10)


def open_folder(tx: Transaction, file: File, centre: Centre, attestation: bytes) -> None:
    """Queue what a new dossier needs: the page that explains, the attestation to fill, and the mail with both links."""
    contact = centre.contact_for(tx.session, file)
    link = facts.form_link(tx.session, centre, file, tx.now)
    page = folder_page(file, contact, form_link=facts.form_link(tx.session, centre, file, tx.now))
    for name, content in ((page.name, page.content), (page.attestation_name, attestation)):
        queue_file(tx, file, name, content)
    mail = mails.deposit_open(facts.person(file), facts.setting(file, contact, file.language), facts.expected(file, link))
    key = f"open:{file.dossier.id}:{file.dossier.hearing_at.isoformat()}"
    outbox.enqueue(tx.session, mail, dedupe_key=key, now=tx.now, domain=centre.mail_domain, person_id=file.candidate.id)


def queue_file(tx: Transaction, file: File, name: str, content: bytes) -> None:
    """Queue one file of ours; it takes the place of an earlier one of that name."""
    row = OutboxFile(
        id=new_id("fil"),
        dossier_id=file.dossier.id,
        folder=folder_of(file),
        name=name,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=tx.now,
        next_at=tx.now,
    )
    older = select(OutboxFile).where(OutboxFile.folder == row.folder, OutboxFile.name == name, col(OutboxFile.replaced).is_(False))
    for old in tx.session.exec(older):
        old.replaced, old.next_at = True, tx.now
    tx.session.add(row)


@dataclass(frozen=True)
class Written:
    """What one sweep wrote, and what it could not."""

    written: int
    failed: int


def write_due(database: Database, share: Share, now: datetime) -> Written:
    """Write the queued files into their folders, and take away those that no longer hold.

    Safe to repeat: a kill in between writes the same file again.
    """
    outdated.withdraw_vanished(database, share, now)
    with database.reading() as session:
        due = select(OutboxFile.id).where(col(OutboxFile.written_at).is_(None), OutboxFile.next_at <= now)
        ids = session.exec(due.order_by(col(OutboxFile.created_at), col(OutboxFile.id)).limit(_BATCH)).all()
    written = failed = 0
    for row_id in ids:
        if _write_one(database, share, row_id, now):
            written += 1
        else:
            failed += 1
    _take_away(database, share, now)
    return Written(written, failed)


def _take_away(database: Database, share: Share, now: datetime) -> None:
    """Take files away that were replaced, where they are still exactly what we wrote; first lies what holds, then the old goes."""
    with database.reading() as session:
        to_come = select(OutboxFile.folder).where(col(OutboxFile.written_at).is_(None), col(OutboxFile.replaced).is_(False))
        old = select(OutboxFile).where(
            col(OutboxFile.replaced).is_(True),
            col(OutboxFile.removed_at).is_(None),
            col(OutboxFile.written_at).is_not(None),
            OutboxFile.next_at <= now,
            col(OutboxFile.folder).not_in(to_come),
        )
        rows = session.exec(old.order_by(col(OutboxFile.next_at), col(OutboxFile.id)).limit(_BATCH)).all()
        standing = {row.id for row in rows if _stands(session, row)}
    for row in rows:
        gone = row.id in standing or _removed(share, row)
        with database.bookkeeping() as session:
            fresh = session.get_one(OutboxFile, row.id, with_for_update=True)
            fresh.removed_at, fresh.next_at = (now, fresh.next_at) if gone else (None, now + _TAKE_AWAY_AGAIN)


def _stands(session: Session, old: OutboxFile) -> bool:
    """Tell whether a later answer of the same name says the very same: what lies there holds."""
    same = (OutboxFile.folder == old.folder, OutboxFile.name == old.name, OutboxFile.sha256 == old.sha256)
    return session.exec(select(OutboxFile.id).where(*same, col(OutboxFile.replaced).is_(False))).first() is not None


def _removed(share: Share, row: OutboxFile) -> bool:
    """Take one file of ours away; False where its folder is away, or does not let it go."""
    folder = tuple(row.folder.split(b"/")) if row.folder else ()
    try:
        with share.directory(folder):
            share.remove_ours(folder, row.name.encode(), row.sha256)
    except (OSError, IntakeError):
        return False
    return True


def _write_one(database: Database, share: Share, row_id: str, now: datetime) -> bool:
    with database.reading() as session:
        row = session.get_one(OutboxFile, row_id)
        ours = _ours(session, row)
    if row.content is None or row.replaced:
        return _passed_over(database, row_id, now)
    folder = tuple(row.folder.split(b"/")) if row.folder else ()
    try:
        share.make(folder)
        name, lies = _free_name(share, folder, row.name, ours)
        identity = share.write(folder, name.encode(), row.content, over_ours=lies)
    except (OSError, IntakeError) as error:
        _failed(database, row_id, now, type(error).__name__)
        return False
    with database.bookkeeping() as session:
        fresh = session.get_one(OutboxFile, row_id, with_for_update=True)
        fresh.written_at, fresh.content, fresh.name, fresh.error_code = now, None, name, None
        claims.know(session, Place(folder, name.encode()), identity, now)
        if fresh.recording_id is None and fresh.dossier_id is not None:
            session.get_one(Dossier, fresh.dossier_id).folder_made_at = now
    return True


def _passed_over(database: Database, row_id: str, now: datetime) -> bool:
    """Close a file that a later one replaced before it could be written: it would say what no longer holds."""
    with database.bookkeeping() as session:
        row = session.get_one(OutboxFile, row_id, with_for_update=True)
        row.written_at, row.content = row.written_at or now, None
    return True


def _ours(session: Session, row: OutboxFile) -> set[tuple[str, str]]:
    """Return the names and hashes of all that we wrote into a folder."""
    return set(session.exec(select(OutboxFile.name, OutboxFile.sha256).where(OutboxFile.folder == row.folder)))


def _free_name(share: Share, folder: tuple[bytes, ...], wanted: str, ours: set[tuple[str, str]]) -> tuple[str, bool]:
    """Return the name to write under, never that of a file which is not ours, and whether one of ours lies there."""
    stem, dot, extension = wanted.rpartition(".")
    for number in range(1, 100):
        name = wanted if number == 1 else f"{stem} [{number}]{dot}{extension}"
        try:
            with share.file(Place(folder, name.encode())) as (descriptor, _):
                if {(name, found := digest(descriptor)), (wanted, found)} & ours:
                    return name, True
        except ChangedError:
            return name, False
        except (NotRegularError, UnreadableError):
            continue
    raise ChangedError("no name is free in this folder")


def _failed(database: Database, row_id: str, now: datetime, code: str) -> None:
    with database.bookkeeping() as session:
        row = session.get_one(OutboxFile, row_id, with_for_update=True)
        row.attempts += 1
        row.error_code, row.next_at = code, now + _RETRY * min(row.attempts, 30)
