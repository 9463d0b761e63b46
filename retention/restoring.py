"""Restore: from a backup, or from nothing but what lies outside the database, to a centre that serves and destroys nothing yet.

1. vault and mirror are made equal: a tombstone in either wins, else a key in either is copied
2. what is held, and what the segments tell, is read; sealed objects of what still has a key are put back from the backup
3. in one transaction, all or nothing: the backup's database takes the place of what is there; the entries that it lacks are imported from
   the segments; rows that it does not know are rebuilt; what later entries name as withdrawn, decided or flagged is marked; mails that
   were on their way become uncertain; who was signed in is signed out; and one hold is placed on everything
4. what has a tombstone goes through the gate again (the caller's: :attr:`Restored.entombed`)
5. a named person enters again the facts that the imported entries list, then lifts the hold

Until then nothing is served or destroyed, whoever starts what. A crash leaves the database as it was, or restored and held.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, delete, update
from sqlmodel import col, select

from journal import checkpoints, log
from journal.entry import Entry
from journal.errors import JournalError
from journal.segment import Segment
from registry import holds, recordings
from registry.database import Database, Transaction
from registry.states import MailState
from registry.tables import (
    Consent,
    Evaluator,
    Grant,
    HoldReason,
    HoldScope,
    Lease,
    OutboxMail,
    PortalSession,
    Recording,
    SignInLink,
    UploadAttempt,
)
from retention import anchors, dump
from retention.anchor_places import SegmentPlace
from retention.backing_up import Backup, chunks
from retention.errors import AnchorError, RestoreRefusedError
from retention.history import STORED, History, Told, number, text
from retention.rebuilding import OWNER, Rebuilding, Rebuilt
from retention.reconcile import RESTORED
from retention.reentering import Again, to_enter_again
from storage.errors import AlreadyHeld, Tampered
from storage.keyfile import Held, KeyFile, Tombstone
from storage.objects import ObjectStore, sha256_of
from storage.vault import Mirrored, Repaired, equalise

REPAIRED: Final = "vault.repaired"


@dataclass(frozen=True)
class Restored:
    """What a restore did, and what is left to do.

    Attributes:
        at: when it was done.
        hold_id: the hold on everything.
        backup_of: when the backup was made; None where there was none.
        imported: how many entries were imported.
        rebuilt: what was rebuilt from entries and key files.
        caught_up: the recordings whose rows were brought to where later entries had led them.
        repairs: what was unequal between vault and mirror.
        uncertain: how many mails may have left.
        entombed: the recordings whose key is a tombstone: they go through the gate again.
        again: what a person must enter again.
        lost: how many entries are lost for good, where the journal was reopened.
    """

    at: datetime
    hold_id: str
    backup_of: datetime | None
    imported: int
    rebuilt: Rebuilt
    caught_up: tuple[str, ...]
    repairs: tuple[Repaired, ...]
    uncertain: int
    entombed: tuple[str, ...]
    again: tuple[Again, ...]
    lost: int = 0


@dataclass(frozen=True)
class _Found:
    """What was read before the transaction."""

    repairs: tuple[Repaired, ...]
    held: Mapping[str, Held]
    segments: tuple[Segment, ...]
    sounds: Mapping[str, str]


@dataclass(frozen=True)
class Restorer:
    """What a restore stands on. ``public`` is the log key's public half; ``objects`` None leaves the store alone."""

    database: Database
    vaults: Mirrored
    places: tuple[SegmentPlace, ...]
    public: Ed25519PublicKey
    objects: ObjectStore | None = None

    def restore(self, backup: Backup | None, now: datetime, *, reopen: bool = False, in_place: bool = False) -> Restored:
        """Restore, as numbered above. The caller has seen to it that nothing runs, and sends on what has a tombstone.

        Args:
            backup: a whole backup; None rebuilds from segments, vault and objects alone.
            now: the run's instant.
            reopen: go on under a new origin where segments are lost for good.
            in_place: what is in the database is the backup: an older file that was put back by hand.

        Raises:
            BackupError: the backup's database is not whole.
            RestoreRefusedError: the journal was forked, or segments are lost. Nothing was changed but vault and mirror, made equal.
            StorageError: vault, mirror, a place or the store cannot be reached.
        """
        # 1. vault and mirror
        repairs = equalise(self.vaults.vault, self.vaults.mirror)
        # 2. what is held, told and stored
        start = self._entries(in_place=in_place) if backup is None else backup.manifest.entries
        found = self._found(repairs, start)
        self._put_back(backup, found.held)
        # 3. the database
        with self.database.transaction(now, OWNER) as tx:
            connection = tx.session.connection()
            if not in_place:
                self._replace(connection, backup)
            lost = self._import(tx, found.segments, now, reopen=reopen)
            return self._settled(tx, found, start, lost, backup.manifest.made_at if backup else None)

    def _entries(self, *, in_place: bool) -> int:
        """Return how many entries the database has that stays; none where it is rebuilt from nothing."""
        if not in_place:
            return 0
        with self.database.reading() as session:
            return log.size(session.connection())

    def _found(self, repairs: tuple[Repaired, ...], start: int) -> _Found:
        held: dict[str, Held] = {}
        for attempt in self.vaults.list():
            with suppress(Tampered):
                answer = self.vaults.get(attempt)
                if answer is not None:
                    held[attempt] = answer
        try:
            segments = anchors.segments_from(self.places, start)
        except AnchorError as error:
            raise RestoreRefusedError(str(error)) from error
        return _Found(repairs, held, tuple(segments), self._sounds(segments, held))

    def _sounds(self, segments: Iterable[Segment], held: Mapping[str, Held]) -> dict[str, str]:
        """Find the objects of attempts whose key is a tombstone, which names them no more: by length, then by hash."""
        if self.objects is None:
            return {}
        wanted = {one: told for one, told in _stored(segments) if isinstance(held.get(one), Tombstone)}
        named = {one.object_key for key_file in held.values() if isinstance(key_file, KeyFile) for one in key_file.objects}
        lengths = {length for length, _ in wanted.values()}
        by_hash: dict[str, str] = {}
        for key in self.objects.keys() if wanted else ():
            if key not in named:
                for version in self.objects.versions(key):
                    if not version.delete_marker and version.length in lengths:
                        by_hash[sha256_of(self.objects, key, version.version_id, version.length).hex()] = key
        return {attempt: by_hash[sha256] for attempt, (_, sha256) in wanted.items() if sha256 in by_hash}

    def _put_back(self, backup: Backup | None, held: Mapping[str, Held]) -> None:
        """Put sealed objects back that the store lost, of what still has a key, and only the very bytes that the key file names."""
        if backup is None or self.objects is None:
            return
        wanted = {one.object_key: one for key_file in held.values() if isinstance(key_file, KeyFile) for one in key_file.objects}
        for key, path, part in backup.objects():
            sealed = wanted.get(key)
            if sealed is None or sealed.sealed_sha256.hex() != part.sha256 or self.objects.versions(key):
                continue
            with suppress(AlreadyHeld):
                self.objects.put(key, chunks(path), part.size)

    def _replace(self, connection: Connection, backup: Backup | None) -> None:
        if backup is not None:
            dump.replace(connection, backup.database())
            return
        dump.clear(connection)
        dump.migrate(connection, "head")

    def _import(self, tx: Transaction, segments: tuple[Segment, ...], now: datetime, *, reopen: bool) -> int:
        """Import the missing entries, and compare with everything outside; return how many are lost, where that is told."""
        connection = tx.session.connection()
        lost = 0
        try:
            if reopen:
                self._import_what_leads_on(tx, segments, now)
                lost = self._reopened(tx)
            else:
                anchors.import_segments(connection, segments, self.public, now)
            found = () if lost else anchors.standing(tx.session, self.places, self.public)
        except (AnchorError, JournalError) as error:
            raise RestoreRefusedError(f"{error}; nothing was restored. Where segments are lost for good: restore --reopen") from error
        if any(not one.may_go_on for one in found):
            told = "; ".join(f"{one.outside.size} entries outside, {one.size} here: {one.standing}" for one in found)
            raise RestoreRefusedError(f"the journal does not lead to what was signed ({told}); nothing was restored: compare the anchors")
        return lost

    def _import_what_leads_on(self, tx: Transaction, segments: Iterable[Segment], now: datetime) -> None:
        for one in sorted(segments, key=lambda segment: (segment.start, segment.signed.checkpoint.size)):
            try:
                with tx.session.begin_nested():
                    anchors.import_segments(tx.session.connection(), [one], self.public, now)
            except AnchorError:
                return

    def _reopened(self, tx: Transaction) -> int:
        """Go on under a new origin, where the newest checkpoint of ours outside is ahead of what could be imported."""
        connection = tx.session.connection()
        known, size = checkpoints.read_terms(connection), log.size(connection)
        outside = anchors.newest_outside(self.places, self.public, known)
        ours = [one.checkpoint for one in outside if size and one.checkpoint.origin == known.origin_at(size)]
        ahead = [one for one in ours if one.size > size]
        return anchors.reopen(tx, max(ahead, key=lambda one: one.size)) if ahead else 0

    def _settled(self, tx: Transaction, found: _Found, start: int, lost: int, made_at: datetime | None) -> Restored:
        """Rebuild, mark, quieten, hold; all that the entries tell is known by now."""
        connection = tx.session.connection()
        history = History.of(log.read(connection, start))
        told = history.recordings()
        for one in found.repairs:
            tx.record(REPAIRED, "system:vault", attempt=one.attempt_id, repair=str(one.repair))
        rebuilding = Rebuilding(tx, history, found.held, found.sounds)
        rebuilt = rebuilding.run(told)
        caught_up = _catch_up(tx, rebuilding, told, set(rebuilt.recordings))
        _silence(tx, history)
        uncertain = _quieten(tx.session.connection())
        hold_id = _hold(tx)
        entombed = _entombed(tx, found.held)
        tx.record(
            RESTORED,
            OWNER,
            backup_of=made_at.isoformat() if made_at else None,
            entries=start,
            imported=len(history.entries),
            rebuilt=len(rebuilt.recordings),
            caught_up=len(caught_up),
            entombed=len(entombed),
            hold=hold_id,
        )
        again = to_enter_again(history.entries)
        return Restored(tx.now, hold_id, made_at, len(history.entries), rebuilt, caught_up, found.repairs, uncertain, entombed, again, lost)


def _stored(segments: Iterable[Segment]) -> Iterator[tuple[str, tuple[int, str]]]:
    """Give what the segments tell of sealed objects: the attempt, its length and its hash."""
    for segment in segments:
        for data in segment.entries:
            if STORED.encode() in data:
                facts = Entry.decode(data).facts
                attempt, length, sha256 = text(facts, "attempt"), number(facts, "sealed_bytes"), text(facts, "sealed_sha256")
                if attempt and length is not None and sha256:
                    yield attempt, (length, sha256)


def _catch_up(tx: Transaction, rebuilding: Rebuilding, told: Mapping[str, Told], rebuilt: set[str]) -> tuple[str, ...]:
    """Bring rows that the backup has to where later entries led them. The journal tells already: the rows follow."""
    done = []
    for recording_id, one in told.items():
        row = tx.session.exec(
            select(Recording.sha256, Recording.received_at, Recording.receipt_number).where(col(Recording.id) == recording_id)
        )
        known = row.first()
        if known is None:
            continue
        sha256, received_at, receipt = known
        values: dict[str, Any] = rebuilding.settled(one.values(), sha256)
        if receipt is None and (given := rebuilding.receipt(one)) is not None:
            values["receipt_number"] = given
        if one.attempt is not None:
            rebuilding.attempt(recording_id, one.attempt, received_at)
        if not values:
            continue
        tx.session.flush()
        # the journal tells of the change already, and this entry that the row has followed: no step of the table is taken
        tx.session.connection().execute(update(Recording).where(col(Recording.id) == recording_id).values(**values, stale=True))
        if recording_id not in rebuilt:
            tx.record("recording.caught_up", recording_id, told_at=one.entries[-1], state=str(values.get("state", "unchanged")))
            done.append(recording_id)
    tx.session.expire_all()
    return tuple(done)


def _silence(tx: Transaction, history: History) -> None:
    """Take back what later entries took back: grants, evaluators, attestations that were disputed."""
    for one in history.entries:
        kind, subject = one.entry.kind, one.entry.subject
        if kind == "grant.revoked":
            grant = tx.session.get(Grant, subject)
            if grant is not None and grant.revoked_at is None:
                grant.revoked_at, grant.revoked_by = one.entry.at, one.entry.actor
                tx.record("grant.caught_up", subject, told_at=one.index)
        elif kind == "evaluator.retired":
            evaluator = tx.session.get(Evaluator, subject)
            if evaluator is not None and evaluator.active:
                evaluator.active = False
                tx.record("evaluator.caught_up", subject, told_at=one.index)
        elif kind == "consent.disputed":
            consent = tx.session.get(Consent, subject)
            if consent is not None and not consent.disputed:
                consent.disputed = True
                tx.record("consent.caught_up", subject, told_at=one.index)
    tx.session.flush()


def _quieten(connection: Connection) -> int:
    """Let nothing leave or enter by what was true then: mails on their way are uncertain, who was signed in is signed out."""
    under_way = col(OutboxMail.state).in_([MailState.QUEUED, MailState.SENDING])
    values = {"state": MailState.UNCERTAIN, "error_code": "restored", "lease_owner": None, "lease_until": None}
    found = connection.execute(update(OutboxMail).where(under_way).values(**values)).rowcount
    for table in (SignInLink, PortalSession, Lease):
        connection.execute(delete(table))
    return found


def _hold(tx: Transaction) -> str:
    """Place one hold on everything, unless an earlier restore's still stands."""
    standing = [one for one in holds.standing(tx.session) if one.reason is HoldReason.RESTORED and one.scope is HoldScope.ALL]
    hold = standing[0] if standing else holds.write(tx, HoldScope.ALL, None, HoldReason.RESTORED)
    live = col(Recording.state).not_in(recordings.GONE)
    tx.session.connection().execute(update(Recording).where(live).values(stale=True))
    return hold.id


def _entombed(tx: Transaction, held: Mapping[str, Held]) -> tuple[str, ...]:
    """Return the recordings whose own key is a tombstone."""
    tx.session.flush()
    query = select(Recording.id, Recording.attempt_id).where(col(Recording.attempt_id).is_not(None)).order_by(col(Recording.id))
    rows = tx.session.exec(query).all()
    lost = select(Recording.id, UploadAttempt.id).join(UploadAttempt, col(UploadAttempt.recording_id) == col(Recording.id))
    begun = tx.session.exec(lost.where(col(Recording.attempt_id).is_(None), col(Recording.state).in_(recordings.GONE))).all()
    return tuple(dict.fromkeys(one for one, attempt in (*rows, *begun) if attempt and isinstance(held.get(attempt), Tombstone)))
