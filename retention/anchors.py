"""Anchors: sign the journal, put what was signed outside the database, and compare the two after a restore.

1. a checkpoint is signed and committed, which settles for ever where its segment begins and ends;
2. its segment is written to each place, whole or not at all, and never over another;
3. that it is there is noted in the database.
A crash after any step is finished by the next run, which makes the very same bytes.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection
from sqlmodel import Session

from journal import checkpoints, log, segment, terms
from journal.checkpoint import Checkpoint, Signed
from journal.checkpoints import Kept
from journal.errors import JournalError, JournalRefusedError
from journal.note import Outcome
from journal.segment import Segment
from journal.terms import Terms
from registry.database import Database, Transaction
from retention.anchor_places import SegmentPlace, latest
from retention.errors import AnchorError
from storage.errors import NotHeld, StorageError
from storage.signing import LogKey


@dataclass(frozen=True)
class Anchors:
    """The places outside, and the key that signs what goes there."""

    database: Database
    key: LogKey
    places: tuple[SegmentPlace, ...]

    def sign(self, now: datetime) -> Kept | None:
        """Sign the journal as it stands; None while it is empty. The caller's last transaction must have committed.

        Raises:
            JournalRefusedError, JournalDamagedError: as :func:`journal.checkpoints.sign_newest`.
        """
        with self.database.bookkeeping() as session:
            return checkpoints.sign_newest(session.connection(), self.key.private, now)

    def write(self, now: datetime) -> int:
        """Put every segment that is missing into each place; return how many were put. One place that fails stops no other.

        Raises:
            AnchorError: other bytes stand where a segment belongs.
            StorageError: a place could not be reached; the others were served. Try again later.
        """
        written, failures = 0, []
        for place in self.places:
            try:
                written += self._fill(place, now)
            except (StorageError, AnchorError) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return written

    def anchor(self, now: datetime) -> Kept | None:
        """Sign, and put outside what was signed: after each sweep, and once a day at least."""
        kept = self.sign(now)
        self.write(now)
        return kept

    def _fill(self, place: SegmentPlace, now: datetime) -> int:
        with self.database.reading() as session:
            missing = checkpoints.missing_in(session.connection(), place.place)
        for kept in missing:
            with self.database.reading() as session:
                name, data = segment_of(session.connection(), kept)
            place.put(name, data)
            with self.database.bookkeeping() as session:
                checkpoints.reached(session.connection(), kept.size, place.place, now)
        return len(missing)


def segment_of(connection: Connection, kept: Kept) -> tuple[str, bytes]:
    """Return the name and the bytes of a checkpoint's segment: the same at every time."""
    before = checkpoints.covering(connection, kept.start - 1) if kept.start else None
    entries = log.encoded(connection, kept.start, kept.size)
    lines = segment.lines(None if before is None else before.signed, entries, kept.signed)
    return segment.name_of(kept.start, kept.signed), b"".join(lines)


class Standing(StrEnum):
    """How the database's journal stands to a checkpoint outside."""

    EQUAL = "equal"
    AHEAD = "ahead"  # it goes on from there
    SHORTER = "shorter"  # entries that were signed are missing here: import the segments
    FORKED = "forked"  # it holds other entries than were signed
    GIVEN_UP = "given_up"  # entries that were signed are lost, and the journal says so: it was reopened


@dataclass(frozen=True)
class Agreement:
    """What came of comparing the database's journal with one checkpoint."""

    standing: Standing
    outside: Checkpoint
    size: int

    @property
    def may_go_on(self) -> bool:
        """Whether a centre may start with this journal."""
        return self.standing in {Standing.EQUAL, Standing.AHEAD, Standing.GIVEN_UP}


def compare(connection: Connection, outside: Checkpoint) -> Agreement:
    """Compare the journal with a checkpoint from outside, whose signature the caller has checked."""
    size = log.size(connection)
    known = checkpoints.read_terms(connection)
    end = next((one for one in known.reopenings if one.old.origin == outside.origin), None)
    if end is not None and outside.size > end.index:
        told = outside.size < end.old.size or outside == end.old
        standing = Standing.GIVEN_UP if told else Standing.FORKED
    elif outside.size > size:
        standing = Standing.SHORTER  # whether its segments lead there, only their import can tell
    elif outside.size and (log.root(connection, outside.size) != outside.root or outside.origin != known.origin_at(outside.size)):
        standing = Standing.FORKED
    else:
        standing = Standing.EQUAL if outside.size == size else Standing.AHEAD
    return Agreement(standing, outside, size)


def newest_outside(places: Iterable[SegmentPlace], public: Ed25519PublicKey, known: Terms) -> tuple[Signed, ...]:
    """Return the newest checkpoint of each origin that the places hold, signed by the log key or one that it replaced.

    Raises:
        AnchorError: the newest segment cannot be read, or is signed by another key.
        StorageError: a place cannot be read.
    """
    found: dict[str, Signed] = {}
    for place in places:
        for name in latest(place.names()):
            signed = _decoded(place.get(name), name).signed
            if not _ours(signed, public, known):
                raise AnchorError(f"{name} is not signed by this centre's log key: find out who put it there before going on")
            origin = signed.checkpoint.origin
            if origin not in found or found[origin].checkpoint.size < signed.checkpoint.size:
                found[origin] = signed
    return tuple(found.values())


def every_outside(places: Iterable[SegmentPlace]) -> tuple[Checkpoint, ...]:
    """Return the checkpoint of each segment that can be read. Their signatures are not checked: for refusing, never for believing."""
    found: set[Checkpoint] = set()
    for place in places:
        for name in place.names():
            with suppress(AnchorError, StorageError):
                found.add(_decoded(place.get(name), name).signed.checkpoint)
    return tuple(found)


def standing(session: Session, places: Iterable[SegmentPlace], public: Ed25519PublicKey) -> tuple[Agreement, ...]:
    """Compare the journal with all that is outside. Start-up goes on only if every one of them ``may_go_on``."""
    connection = session.connection()
    outside = newest_outside(places, public, checkpoints.read_terms(connection))
    return tuple(compare(connection, one.checkpoint) for one in outside)


def _ours(signed: Signed, public: Ed25519PublicKey, known: Terms) -> bool:
    raw = known.key_at(signed.checkpoint.size, public.public_bytes_raw())
    return raw is not None and signed.check(Ed25519PublicKey.from_public_bytes(raw)) is Outcome.GOOD


def import_segments(connection: Connection, segments: Iterable[Segment], public: Ed25519PublicKey, now: datetime) -> int:
    """Put back the entries that the database lacks, byte for byte; return how many. The caller commits, or rolls back all of it.

    Segments may come in any order, twice, and from before the database's end; only one origin's at a time leads anywhere.

    Raises:
        AnchorError: a segment in between is missing; entries here are not those of a segment; a signature does not hold.
        JournalDamagedError: the database's journal contradicts itself.
    """
    log.take_turn(connection)
    before = log.size(connection)
    ordered = sorted(segments, key=lambda one: (one.start, one.signed.checkpoint.size))
    for one in ordered:
        _import(connection, one, now)
    known = checkpoints.read_terms(connection)
    for one in ordered:
        stop = one.signed.checkpoint.size
        if stop > before and (one.signed.checkpoint.origin != known.origin_at(stop) or not _ours(one.signed, public, known)):
            raise AnchorError(f"{one.name} is not signed by this journal's key")
    return log.size(connection) - before


def _import(connection: Connection, one: Segment, now: datetime) -> None:
    size = log.size(connection)
    if one.signed.checkpoint.size <= size:
        return
    if one.start > size:
        raise AnchorError(f"entries {size} to {one.start - 1} are in no segment: find it, or reopen the journal")
    if tuple(log.encoded(connection, one.start)) != one.entries[: size - one.start]:
        raise AnchorError(f"the entries from {one.start} on are not those of {one.name}: the journal was forked")
    try:
        log.append_encoded(connection, size, one.entries[size - one.start :], one.signed.checkpoint.root)
    except JournalRefusedError as error:
        raise AnchorError(f"{one.name} cannot be imported: {error}") from error
    newest = checkpoints.newest(connection)
    checkpoints.keep(connection, one.signed, newest.size if newest else 0, now)


def segments_from(places: Sequence[SegmentPlace], size: int) -> list[Segment]:
    """Read from the places the segments that go beyond this size, each from the first place where it is whole.

    Raises:
        AnchorError: one is whole nowhere.
        StorageError: a place cannot be read.
    """
    where: dict[str, list[SegmentPlace]] = {}
    for place in places:
        for name in place.names():
            told = segment.read_name(name)
            if told is not None and told.stop > size:
                where.setdefault(name, []).append(place)
    return [_whole(name, holding) for name, holding in sorted(where.items())]


def _whole(name: str, holding: Sequence[SegmentPlace]) -> Segment:
    for place in holding:
        with suppress(AnchorError, NotHeld):
            return _decoded(place.get(name), name)
    raise AnchorError(f"{name} cannot be read in any place: take it from another copy, or reopen the journal")


def _decoded(data: bytes, name: str) -> Segment:
    try:
        found = Segment.decode(data)
    except JournalError as error:
        raise AnchorError(f"{name} cannot be read: {error}") from error
    if found.name != name:
        raise AnchorError(f"{name} holds another segment: it was renamed")
    return found


def reopen(tx: Transaction, outside: Checkpoint, older: Iterable[Checkpoint] = ()) -> int:
    """Go on under a new origin, because entries that were signed are lost; return how many are lost. The journal says so for ever.

    Alone in its transaction: the entry must come next after those that are left.

    Args:
        tx: the transaction.
        outside: the last checkpoint known of this origin.
        older: every other one that is known: what is left here must be what they signed.

    Raises:
        AnchorError: nothing is lost, or what is here is not what was signed: reopening would hide it.
    """
    connection = tx.session.connection()
    log.take_turn(connection)
    found = compare(connection, outside)
    if found.standing is not Standing.SHORTER or found.size == 0:
        raise AnchorError(f"the journal stands {found.standing} to that checkpoint: it is reopened only when its end is lost")
    if any(compare(connection, one).standing is Standing.FORKED for one in older):
        raise AnchorError("what is left of the journal is not what was signed: reopening would hide it; keep everything, and look for who")
    if outside.origin != checkpoints.read_terms(connection).origin_at(found.size):
        raise AnchorError("that checkpoint is of another journal, or of another origin: give the last one of this origin")
    tx.record(terms.REOPENED, terms.SUBJECT, **terms.reopening_facts(found.size, outside))
    return outside.size - found.size
