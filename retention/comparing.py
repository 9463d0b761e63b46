"""The nightly comparison of database, objects, vault, mirror and journal. It reports, and deletes nothing.

The target of each kind is zero. What stands under :attr:`Kind.RETURNED` and :attr:`Kind.UNDEAD` was destroyed, or should have been: the
caller sends it through the gate again. Everything else is for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session, col, select

from notifications import outbox
from registry.database import Database
from registry.recordings import GONE, UNSTORED
from registry.states import RecordingState
from registry.tables import AttemptState, Destruction, Hold, HoldReason, Recording, UploadAttempt
from retention.due import due
from retention.terms import Choices
from storage.errors import Tampered
from storage.keyfile import Held, KeyFile, Tombstone
from storage.objects import ObjectStore
from storage.vault import Mirrored

LATE: Final = timedelta(hours=24)
"""How long a recording that is due, announced and not held may wait for a sweep before it is overdue."""
_ABANDONED: Final = timedelta(hours=2)


class Kind(StrEnum):
    """What is compared, and should not be found."""

    ORPHAN_OBJECT = "orphan_object"  # an object that no row names
    GHOST_OBJECT = "ghost_object"  # a live recording whose object is not in the store
    GHOST_KEY = "ghost_key"  # a live recording whose key neither vault holds
    KEY_WITHOUT_ROW = "key_without_row"  # a key of an attempt that no row names
    VAULTS_DIFFER = "vaults_differ"  # vault and mirror answer differently
    UNREADABLE_KEY = "unreadable_key"
    UNDEAD = "undead"  # a tombstone whose recording is not destroyed
    RETURNED = "returned"  # a destroyed recording of which an object or a key is there again
    STALLED = "stalled"  # being destroyed, and nothing is under way
    OVERDUE = "overdue"
    STUCK_MAIL = "stuck_mail"
    EXPIRED_ATTEMPT = "expired_attempt"
    UNFINISHED_UPLOAD = "unfinished_upload"


AGAIN: Final = (Kind.UNDEAD, Kind.RETURNED, Kind.STALLED)
"""What goes through the gate again by itself."""


@dataclass(frozen=True)
class Comparison:
    """What was found, by kind: identifiers of recordings, attempts, objects or mails. ``held`` tells whether a restore's hold stands."""

    at: datetime
    compared: int
    held: bool
    found: Mapping[Kind, tuple[str, ...]]

    @property
    def is_clean(self) -> bool:
        """Whether every count is zero."""
        return not any(self.found.values())

    def again(self) -> tuple[str, ...]:
        """Return the recordings that go through the gate again: while a restore's hold stands, only those whose key is gone already."""
        kinds = (Kind.UNDEAD, Kind.RETURNED) if self.held else AGAIN
        return tuple(dict.fromkeys(one for kind in kinds for one in self.found[kind]))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, with stable keys."""
        counts = {str(kind): list(self.found[kind]) for kind in Kind}
        return {"at": self.at.isoformat(), "clean": self.is_clean, "recordings": self.compared, "restored_hold": self.held, "found": counts}


@dataclass
class _Findings:
    found: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})

    def add(self, kind: Kind, what: str) -> None:
        self.found[kind].append(what)


@dataclass(frozen=True)
class _Registered:
    """What the rows say."""

    recordings: Mapping[str, tuple[RecordingState, str | None]]
    attempts: Mapping[str, UploadAttempt]
    under_way: frozenset[str]


def compare(database: Database, objects: ObjectStore, vaults: Mirrored, choices: Choices, now: datetime) -> Comparison:
    """Compare everything with everything. Reads the whole listing of the store and of both vaults, and changes nothing.

    What a listing does not agree with is asked about once more, since people deposit and destroy meanwhile.

    Raises:
        StorageError: the store, the vault or the mirror cannot be listed: nothing is concluded then.
    """
    findings = _Findings()
    keys = frozenset(objects.keys())
    held = _vaults(vaults, findings)
    for upload in objects.uploads():
        findings.add(Kind.UNFINISHED_UPLOAD, upload.key)
    with database.reading() as session:  # after the listings: what was stored meanwhile has its row by now
        rows = _registered(session)
        for one in due(session, now - LATE, choices):
            if not one.held_by and one.recording_id not in rows.under_way:
                findings.add(Kind.OVERDUE, one.recording_id)
        for mail in outbox.stuck(session, now):
            findings.add(Kind.STUCK_MAIL, mail.id)
        restored = select(Hold.id).where(Hold.reason == HoldReason.RESTORED, col(Hold.released_at).is_(None))
        stands = session.exec(restored).first() is not None
    _objects(keys, rows, findings, objects)
    _keys(vaults, held, rows, findings)
    _attempts(rows, now, findings)
    return Comparison(now, len(rows.recordings), stands, {kind: tuple(sorted(set(found))) for kind, found in findings.found.items()})


def _vaults(vaults: Mirrored, findings: _Findings) -> dict[str, Held]:
    """Read every key of both vaults; a tombstone in either counts."""
    found: dict[str, Held] = {}
    for attempt in vaults.list():
        try:
            first, second = vaults.get_both(attempt)
        except Tampered:
            findings.add(Kind.UNREADABLE_KEY, attempt)
            continue
        answer = next((one for one in (first, second) if isinstance(one, Tombstone)), first or second)
        if answer is not None:
            found[attempt] = answer
        if type(first) is not type(second) or (isinstance(first, KeyFile) and first != second):
            findings.add(Kind.VAULTS_DIFFER, attempt)
    return found


def _registered(session: Session) -> _Registered:
    query = select(Recording.id, Recording.state, Recording.attempt_id)
    busy = select(Destruction.recording_id).where(col(Destruction.next_at).is_not(None))
    return _Registered(
        {row_id: (RecordingState(state), attempt) for row_id, state, attempt in session.exec(query)},
        {row.id: row for row in session.exec(select(UploadAttempt))},
        frozenset(session.exec(busy).all()),
    )


def _objects(keys: frozenset[str], rows: _Registered, findings: _Findings, objects: ObjectStore) -> None:
    named = {key for row in rows.attempts.values() for key in (row.object_key, row.waveform_key)}
    for key in keys - named:
        findings.add(Kind.ORPHAN_OBJECT, key)  # also one that a key file names: its row is missing
    for row in rows.attempts.values():
        if row.recording_id not in rows.recordings:
            continue
        state, won = rows.recordings[row.recording_id]
        listed = keys & {row.object_key, row.waveform_key}
        if state is RecordingState.DESTROYED and any(objects.versions(key) for key in listed):
            findings.add(Kind.RETURNED, row.recording_id)
        if state not in (*GONE, *UNSTORED) and won == row.id and row.object_key not in keys and not objects.versions(row.object_key):
            findings.add(Kind.GHOST_OBJECT, row.recording_id)


def _keys(vaults: Mirrored, held: Mapping[str, Held], rows: _Registered, findings: _Findings) -> None:
    by_attempt = {attempt: row_id for row_id, (_, attempt) in rows.recordings.items() if attempt is not None}
    for attempt, answer in held.items():
        row_id = by_attempt.get(attempt)
        if row_id is None:
            if isinstance(answer, KeyFile) and attempt not in rows.attempts:
                findings.add(Kind.KEY_WITHOUT_ROW, attempt)
            continue
        state, _ = rows.recordings[row_id]
        if isinstance(answer, Tombstone) and state is not RecordingState.DESTROYED and row_id not in rows.under_way:
            findings.add(Kind.UNDEAD, row_id)
        if isinstance(answer, KeyFile) and state is RecordingState.DESTROYED and isinstance(vaults.get(attempt), KeyFile):
            findings.add(Kind.RETURNED, row_id)
    for row_id, (state, won) in rows.recordings.items():
        missing = won is None or (won not in held and won not in findings.found[Kind.UNREADABLE_KEY] and vaults.get(won) is None)
        if state not in (*GONE, *UNSTORED) and missing:
            findings.add(Kind.GHOST_KEY, row_id)
        stalled = state is RecordingState.DESTROYING and row_id not in rows.under_way
        if stalled and row_id not in findings.found[Kind.UNDEAD]:
            findings.add(Kind.STALLED, row_id)


def _attempts(rows: _Registered, now: datetime, findings: _Findings) -> None:
    for row in rows.attempts.values():
        if row.state is AttemptState.OPEN and row.lease_until < now - _ABANDONED:
            findings.add(Kind.EXPIRED_ATTEMPT, row.id)
