"""Scrub: once a month every live sealed object is read again, and its SHA-256 compared with the one recorded when it was stored.

A disk that loses bits is found before somebody wants to listen. A pass goes on where it was stopped: how far it has come is one number in
the database, the minute at which the last recording that was read had come in. It is slow on purpose, so that people who listen meanwhile
notice nothing. It opens nothing and repairs nothing: a fault is an alert, and a person's to settle.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from registry import health
from registry.clock import civil_date
from registry.database import Database
from registry.leases import insert_once
from registry.recordings import GONE
from registry.tables import Counter, Recording
from storage.errors import NotHeld, Tampered
from storage.keyfile import KeyFile, SealedObject
from storage.objects import ObjectStore, Version, read_all
from storage.seal import sealed_length
from storage.vault import Mirrored

ACTOR: Final = "system:scrub"
FINISHED, DAMAGED = "scrub.finished", "recording.damaged"
PART: Final = "objects"
_PLACE, _MONTH = "scrub-place", "scrub-month"
_STEP: Final = 1 << 20


class Wrong(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    CHANGED = "changed"  # another length or another hash


@dataclass(frozen=True, slots=True)
class Damaged:
    """One sealed object that is not what was stored."""

    recording_id: str
    object_key: str
    wrong: Wrong


@dataclass
class Scrubbed:
    """What one run did. ``finished`` tells whether the pass came to its end."""

    objects: int = 0
    size: int = 0
    damaged: list[Damaged] = field(default_factory=list)
    finished: bool = False


def never() -> bool:
    """Go on to the end."""
    return False


@dataclass(frozen=True)
class Scrub:
    """Reads. ``pause`` waits for some seconds; ``bytes_per_second`` 0 reads as fast as it can."""

    database: Database
    objects: ObjectStore
    vaults: Mirrored
    pause: Callable[[float], object]
    bytes_per_second: int = 20_000_000

    def is_due(self, now: datetime) -> bool:
        """Tell whether this month's pass is still to be finished."""
        with self.database.reading() as session:
            return _value(session, _MONTH) != _month(now)

    def begin(self, now: datetime) -> bool:
        """Count months from the first one that a centre runs in, whose recordings are young; say whether this was it."""
        with self.database.bookkeeping() as session:
            first = _value(session, _MONTH) == 0 == _value(session, _PLACE)
            if first:
                _set(session, _MONTH, _month(now))
        return first

    def run(self, now: datetime, stop: Callable[[], bool] = never) -> Scrubbed:
        """Go on with the pass from where it was stopped, to its end or until ``stop`` says so.

        Raises:
            StorageUnavailable: the store or the vaults do not answer: what was read stays read, call again.
        """
        done = Scrubbed()
        for row in self._left():
            if stop():
                return done
            found = self._one(row, done)
            self._note(row, found, now)
            done.damaged += found
        self._finish(done, now)
        return done

    def _left(self) -> Sequence[Recording]:
        """Return what is left of the pass, in the order in which it came in; the last minute is read again."""
        with self.database.reading() as session:
            since = datetime.fromtimestamp(60 * _value(session, _PLACE), UTC)
            live = col(Recording.state).not_in(GONE), col(Recording.attempt_id).is_not(None)
            query = select(Recording).where(col(Recording.received_at) >= since, *live)
            return session.exec(query.order_by(col(Recording.received_at), col(Recording.id))).all()

    def _one(self, row: Recording, done: Scrubbed) -> list[Damaged]:
        """Read the objects that a key file names; one without a key file is the nightly comparison's."""
        try:
            held = self.vaults.get(row.attempt_id or "")
        except Tampered:
            return []
        if not isinstance(held, KeyFile):
            return []
        found = []
        for sealed in held.objects:
            done.objects += 1
            wrong = self._wrong(sealed, done)
            if wrong is not None:
                found.append(Damaged(row.id, sealed.object_key, wrong))
        return found if found and self._is_live(row.id) else []

    def _wrong(self, sealed: SealedObject, done: Scrubbed) -> Wrong | None:
        listed = [one for one in self.objects.versions(sealed.object_key) if not one.delete_marker]
        if not listed:
            return Wrong.MISSING
        return None if any(self._same(sealed, one, done) for one in listed) else Wrong.CHANGED

    def _same(self, sealed: SealedObject, version: Version, done: Scrubbed) -> bool:
        """Read one version whole, slowly, and compare."""
        if version.length != sealed_length(sealed.plain_length):
            return False
        digest = hashlib.sha256()
        try:
            for piece in read_all(self.objects, sealed.object_key, version.version_id, version.length, step=_STEP):
                digest.update(piece)
                done.size += len(piece)
                if self.bytes_per_second:
                    self.pause(len(piece) / self.bytes_per_second)
        except (NotHeld, Tampered):
            return False
        return digest.digest() == sealed.sealed_sha256

    def _is_live(self, recording_id: str) -> bool:
        """Tell whether a recording is still there: what is destroyed meanwhile is no fault."""
        with self.database.reading() as session:
            row = session.get(Recording, recording_id)
            return row is not None and row.state not in GONE

    def _note(self, row: Recording, found: Sequence[Damaged], now: datetime) -> None:
        with self.database.transaction(now, ACTOR) as tx:
            for one in found:
                tx.record(DAMAGED, row.id, object=one.object_key, wrong=str(one.wrong))
                health.report(tx.session, PART, "damaged", now)
            _set(tx.session, _PLACE, int(row.received_at.timestamp()) // 60)

    def _finish(self, done: Scrubbed, now: datetime) -> None:
        with self.database.transaction(now, ACTOR) as tx:
            tx.record(FINISHED, ACTOR, objects=done.objects, damaged=len(done.damaged))
            _set(tx.session, _PLACE, 0)
            _set(tx.session, _MONTH, _month(now))
            health.report(tx.session, PART, "damaged" if done.damaged else health.OK, now)
        done.finished = True


def _month(now: datetime) -> int:
    day = civil_date(now)
    return 100 * day.year + day.month


def _value(session: Session, name: str) -> int:
    row = session.get(Counter, name)
    return row.value if row else 0


def _set(session: Session, name: str, value: int) -> None:
    insert_once(session, Counter, name=name, value=0)
    session.get_one(Counter, name, with_for_update=True, populate_existing=True).value = value
