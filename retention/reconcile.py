"""Reconcile: upload attempts that never became a recording are discarded. The gate apart, nothing else deletes or entombs.

An attempt is discarded only if its own row exists, its lease is over, it began after the newest restore, and neither a recording nor the
journal names it: what a backup calls open may have become a recording since. It is committed as
discarded first, under the lock that intake's commit takes, so that a late worker finds it lost; then its key is entombed,
also where the vault holds nothing, so that a late put fails; then its objects are removed.
"""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from journal import log
from journal.errors import JournalError
from registry import owners
from registry.database import Database, Transaction
from registry.tables import AttemptState, Recording, UploadAttempt
from storage.errors import StorageError
from storage.keyfile import Tombstone
from storage.objects import ObjectStore
from storage.vault import Mirrored

_log = structlog.get_logger()
ACTOR = "system:reconcile"
DISCARDED = "attempt.discarded"
RESTORED = "restore.done"
_LATEST_PUT = timedelta(hours=1)
"""How long after the end of its lease a worker that hangs may still finish a put."""


def discard_attempts(database: Database, objects: ObjectStore, vaults: Mirrored, now: datetime) -> int:
    """Discard what is over, and sweep what was discarded; return how many are swept for good. One that fails is tried next time."""
    with database.reading() as session:
        since = _restored_at(session)
        unswept = select(UploadAttempt).where(UploadAttempt.state != AttemptState.WON, col(UploadAttempt.swept_at).is_(None))
        found = [one for one in session.exec(unswept.order_by(col(UploadAttempt.started_at))) if since is None or one.started_at > since]
    swept = 0
    for attempt in found:
        try:
            index = _discarded(database, attempt.id, now)
            if index is not None:
                swept += _sweep(database, objects, vaults, attempt.id, index, now)
        except (StorageError, JournalError) as error:
            _log.warning("attempt.waits", attempt=attempt.id, error=type(error).__name__)
    return swept


def _restored_at(session: Session) -> datetime | None:
    """Return when the database was restored last, None if never."""
    found = log.of_kinds(session.connection(), (RESTORED,))
    return found[-1].entry.at if found else None


def _discarded(database: Database, attempt_id: str, now: datetime) -> int | None:
    """Commit an attempt as discarded; return the index of the entry that says so, or None where it must be left alone."""
    with database.transaction(now, ACTOR) as tx:
        row = tx.lock(UploadAttempt, attempt_id)
        entries = _entries(tx, row)
        if row.state is AttemptState.DISCARDED:
            return next((one.index for one in entries if one.entry.kind == DISCARDED), None)
        named = tx.session.exec(select(Recording.id).where(Recording.attempt_id == attempt_id)).first() or entries
        alive = row.lease_until > now and not owners.is_dead(row.lease_owner)
        if row.state is not AttemptState.OPEN or alive or named:
            return None
        row.state = AttemptState.DISCARDED
        tx.record(DISCARDED, row.recording_id, attempt=attempt_id)
    return tx.indexes[0]


def _entries(tx: Transaction, row: UploadAttempt) -> list[log.Recorded]:
    """Return what the journal says of an attempt."""
    about = log.entries_about(tx.session.connection(), row.recording_id)
    return [one for one in about if one.entry.facts.get("attempt") == row.id]


def _sweep(database: Database, objects: ObjectStore, vaults: Mirrored, attempt_id: str, index: int, now: datetime) -> bool:
    """Entomb the key and remove the objects; say whether nothing can come after that.

    A worker that lives may still finish a put that it began before it lost its lease: its attempt is swept again for a while.
    """
    with database.reading() as session:
        row = session.get_one(UploadAttempt, attempt_id)
    vaults.entomb(Tombstone(attempt_id, now, index))
    objects.remove_all(row.object_key)
    objects.remove_all(row.waveform_key)
    if not owners.is_dead(row.lease_owner) and now - row.lease_until < _LATEST_PUT:
        return False
    with database.bookkeeping() as session:
        session.get_one(UploadAttempt, attempt_id, with_for_update=True).swept_at = now
    return True
