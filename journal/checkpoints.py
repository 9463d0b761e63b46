"""The checkpoints that this journal has signed, in the database: on the caller's connection, inside the caller's transaction.

A checkpoint is signed once for a size, and never changed: where it was signed is where its segment begins and ends, for ever. What is
filled in later is only when its segment reached each place outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    Text,
    cast,
    insert,
    select,
    update,
)

from journal import checkpoint, log, terms, tree
from journal.checkpoint import Checkpoint, Signed
from journal.entry import instant_text
from journal.errors import JournalDamagedError, JournalRefusedError
from journal.terms import Terms

_Rank: Final = BigInteger().with_variant(Integer, "sqlite")

CHECKPOINTS: Final = Table(
    "journal_checkpoint",
    log.METADATA,
    Column("size", _Rank, primary_key=True, autoincrement=False),
    Column("start", _Rank, nullable=False),
    Column("root", LargeBinary(tree.HASH_BYTES), nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", String(27), nullable=False),
    Column("directory_at", String(27), nullable=True),
    Column("bucket_at", String(27), nullable=True),
)
_ALL: Final = select(
    CHECKPOINTS.c.size,
    CHECKPOINTS.c.start,
    cast(CHECKPOINTS.c.root, LargeBinary),
    CHECKPOINTS.c.note,
    CHECKPOINTS.c.signed_at,
    CHECKPOINTS.c.directory_at,
    CHECKPOINTS.c.bucket_at,
).order_by(CHECKPOINTS.c.size)


class Place(StrEnum):
    """A kind of place outside the database."""

    DIRECTORY = "directory"
    BUCKET = "bucket"


@dataclass(frozen=True)
class Kept:
    """A checkpoint as it stands in the table. Its segment holds the entries from ``start`` to its size, not included."""

    start: int
    signed: Signed
    signed_at: datetime
    directory_at: datetime | None
    bucket_at: datetime | None

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return self.signed.checkpoint.size


def read_terms(connection: Connection) -> Terms:
    """Read what the journal's own entries say of its origin and its keys.

    Raises:
        JournalDamagedError: one of them does not say what it should, or is not what was appended.
    """
    found = Terms()
    for first in log.read(connection, 0, 1):
        found.first = first.entry.leaf_hash
    try:
        for one in log.of_kinds(connection, terms.KINDS):
            found.learn(one.index, one.entry.encode())
    except JournalRefusedError as error:
        raise JournalDamagedError(f"an entry about the journal itself cannot be followed: {error}") from error
    return found


def sign_newest(connection: Connection, private: Ed25519PrivateKey, at: datetime) -> Kept | None:
    """Sign the journal as it stands, unless that is done; None while it is empty. Other writers wait until the caller commits.

    Raises:
        JournalRefusedError: this key is not the one in force since the last rotation.
        JournalDamagedError: the journal is shorter than what was signed, or no longer what was signed: nothing more is signed.
    """
    log.take_turn(connection)
    size = log.size(connection)
    before = newest(connection)
    _refuse_fork(connection, before, size)
    if size == 0 or (before is not None and before.size == size):
        return before
    known = read_terms(connection)
    ours = private.public_key().public_bytes_raw()
    if known.key_at(size, ours) != ours:
        raise JournalRefusedError("another log key is in force: put the key of the last rotation into signing/")
    signed = checkpoint.sign(Checkpoint(known.origin_at(size), size, log.root(connection)), private)
    return keep(connection, signed, before.size if before else 0, at)


def _refuse_fork(connection: Connection, before: Kept | None, size: int) -> None:
    """Sign nothing that contradicts what was signed: a log that did would be one that nobody can trust."""
    if before is None:
        return
    if before.size > size:
        raise JournalDamagedError(f"the journal has {size} entries, and {before.size} were signed: import the missing segments")
    if log.root(connection, before.size) != before.signed.checkpoint.root:
        raise JournalDamagedError(f"the first {before.size} entries are not those that were signed: run the check, restore")


def keep(connection: Connection, signed: Signed, start: int, at: datetime) -> Kept:
    """Write a checkpoint that was just signed, or imported from outside. The caller holds the writers' lock."""
    row = {"size": signed.checkpoint.size, "start": start, "root": signed.checkpoint.root, "note": signed.encode().decode("utf-8")}
    connection.execute(insert(CHECKPOINTS), {**row, "signed_at": instant_text(at)})
    return Kept(start, signed, at.astimezone(UTC), None, None)


def newest(connection: Connection) -> Kept | None:
    """Return the newest checkpoint, if there is one."""
    return _first(connection, _ALL.order_by(None).order_by(CHECKPOINTS.c.size.desc()))


def covering(connection: Connection, index: int) -> Kept | None:
    """Return the first checkpoint that was signed after the entry of this index, if there is one."""
    return _first(connection, _ALL.where(CHECKPOINTS.c.size > index))


def every(connection: Connection) -> Iterator[Kept]:
    """Give all of them, by size."""
    for row in connection.execute(_ALL).all():
        yield _kept(row)


def missing_in(connection: Connection, place: Place) -> tuple[Kept, ...]:
    """Return those whose segments have not reached a place, by size."""
    return tuple(_kept(row) for row in connection.execute(_ALL.where(CHECKPOINTS.c[f"{place}_at"].is_(None))))


def reached(connection: Connection, size: int, place: Place, at: datetime) -> None:
    """Note that the segment of a checkpoint is whole in a place."""
    column = f"{place}_at"
    unset = CHECKPOINTS.c[column].is_(None)
    connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.size == size, unset).values({column: instant_text(at)}))


def _first(connection: Connection, query: Select[Any]) -> Kept | None:
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _kept(row)


def _kept(row: Row[Any]) -> Kept:
    size, start, root, text, *instants = tuple(row)
    try:
        signed = Signed.decode(text.encode("utf-8"))
        signed_at, directory_at, bucket_at = (None if one is None else datetime.fromisoformat(one) for one in instants)
    except (JournalRefusedError, ValueError, AttributeError) as error:
        raise JournalDamagedError(f"the checkpoint of size {size} cannot be read: run the check") from error
    if (signed.checkpoint.size, signed.checkpoint.root) != (size, root) or not 0 <= start < size or signed_at is None:
        raise JournalDamagedError(f"the columns of the checkpoint of size {size} contradict its note: run the check")
    return Kept(start, signed, signed_at, directory_at, bucket_at)
