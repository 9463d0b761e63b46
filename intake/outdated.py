"""Answers that no longer hold: which they are. Marked, they leave the folder.

An answer speaks of a recording, of what lies in a place, or of an attestation that no recording met yet.
"""

import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select, update

from intake import claims
from intake.errors import IntakeError
from intake.shares import Place, Share
from registry import recordings
from registry.codes import Code
from registry.database import Database
from registry.states import RecordingState
from registry.tables import Consent, Deposit, DepositState, Door, OutboxFile, Recording

ABOUT_ATTESTATIONS = frozenset({Code.ATTESTATION_UNREADABLE, Code.ATTESTATION_INCOMPLETE, Code.ATTESTATION_CONFLICT})
"""Why an attestation file was not taken."""
_BATCH = 50
_LOOK_AGAIN = timedelta(seconds=60)


def withdraw_on_attestations(session: Session, dossier_id: str) -> None:
    """Mark every answer on what is wrong with an attestation of a dossier: one that counts has come, whichever way."""
    wrong = select(Deposit.place_key).where(Deposit.dossier_id == dossier_id, col(Deposit.code).in_(ABOUT_ATTESTATIONS))
    claims.withdraw(session, *session.exec(wrong))


def standing(session: Session, dossier_id: str) -> set[str]:
    """Return the recordings of a dossier that may still be listened to one day."""
    of_dossier = recordings.of_dossier(session, dossier_id)
    return {one.id for one in of_dossier if one.unlistenable is None and one.state not in {RecordingState.REJECTED, *recordings.GONE}}


def by_recording(session: Session, recording: Recording) -> list[OutboxFile]:
    """Find the answers that a recording's makes wrong: its own, of recordings that no longer stand, of attestations that waited."""
    others = standing(session, recording.dossier_id) - {recording.id}
    consents = select(Consent.id).where(Consent.dossier_id == recording.dossier_id)
    query = select(OutboxFile).where(
        OutboxFile.dossier_id == recording.dossier_id,
        or_(col(OutboxFile.recording_id).is_not(None), col(OutboxFile.about).in_(consents)),
        col(OutboxFile.replaced).is_(False),
    )
    return [old for old in session.exec(query) if old.recording_id is None or old.recording_id not in others]


@dataclass(frozen=True)
class _Told:
    """An answer that lies in a folder, and the file that it speaks of, as it was then."""

    id: str
    name: str
    deposit_id: str
    place: Place
    identity: str


def withdraw_vanished(database: Database, share: Share, now: datetime) -> int:
    """Mark the answers on files that lie in their folder no more, and return how many files those were.

    Some answers at a time, each once a minute; nothing is read. A folder that cannot be listed, or that does not show our own
    answer either, is a share that is away, or was emptied: then nothing is marked.
    """
    told = _to_look_at(database, now)
    if not told:
        return 0
    with database.bookkeeping() as session:
        looked = update(OutboxFile).where(col(OutboxFile.id).in_([one.id for one in told]))
        session.exec(looked.values(next_at=now + _LOOK_AGAIN))
    folders = defaultdict(list)
    for one in told:
        folders[one.place.folder].append(one)
    gone = [one for folder, there in folders.items() for one in _vanished(share, folder, there)]
    for one in gone:
        with database.bookkeeping() as session:
            row = session.get_one(Deposit, one.deposit_id, with_for_update=True)
            if row.state is DepositState.LEFT and row.identity == one.identity:
                claims.settle(row, DepositState.DONE, claims.VANISHED)
    return len(gone)


def _to_look_at(database: Database, now: datetime) -> list[_Told]:
    query = (
        select(OutboxFile, Deposit)
        .join(Deposit, col(OutboxFile.about) == Deposit.place_key)
        .where(
            col(OutboxFile.replaced).is_(False),
            col(OutboxFile.written_at).is_not(None),
            OutboxFile.next_at <= now,
            Deposit.state == DepositState.LEFT,
            Deposit.door == Door.FOLDER,
        )
    )
    with database.reading() as session:
        rows = session.exec(query.order_by(col(OutboxFile.next_at), col(OutboxFile.id)).limit(_BATCH)).all()
        return [_Told(answer.id, answer.name, row.id, Place.of(row.place), row.identity) for answer, row in rows]


def _vanished(share: Share, folder: tuple[bytes, ...], told: list[_Told]) -> list[_Told]:
    try:
        with share.directory(folder) as directory:
            return [one for one in told if _lies(one.name.encode(), directory) and not _lies(one.place.name, directory)]
    except (IntakeError, OSError):
        return []


def _lies(name: bytes, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
