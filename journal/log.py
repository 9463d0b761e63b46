"""The journal in a database: append and read on the caller's connection, inside the caller's transaction.

The caller's duties: begin (``BEGIN IMMEDIATE`` on SQLite), write the state change, lock its rows in the order of their
identifiers, call :func:`append` **last**, commit at once. Between append and commit: no network, no hashing of files, no mail,
since every other writer waits. Nothing here commits, and nothing here changes or deletes a row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)

from journal import audit, tree
from journal.audit import Fault
from journal.entry import Entry, instant_text
from journal.errors import JournalDamagedError, JournalRefusedError

LOCK_KEY: Final = 0x636F6E7369676E65
"""The advisory lock of PostgreSQL that makes writers take turns: ``consigne`` in ASCII."""

_BATCH: Final = 1000
_Rank: Final = BigInteger().with_variant(Integer, "sqlite")

METADATA: Final = MetaData()
ENTRIES: Final = Table(
    "journal_entry",
    METADATA,
    Column("index", _Rank, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary(tree.HASH_BYTES), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("at", String(27), nullable=False),
    Index("ix_journal_entry_subject", "subject", "index"),
    Index("ix_journal_entry_kind", "kind", "index"),
)
NODES: Final = Table(
    "journal_node",
    METADATA,
    Column("position", _Rank, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(tree.HASH_BYTES), nullable=False),
)

# An editor that writes text where bytes were makes SQLite answer with text: ask for bytes, so that the check can say what it is.
_ENTRY: Final = select(
    ENTRIES.c.index,
    cast(ENTRIES.c.bytes, LargeBinary),
    cast(ENTRIES.c.leaf_hash, LargeBinary),
    ENTRIES.c.subject,
    ENTRIES.c.kind,
    ENTRIES.c.at,
).order_by(ENTRIES.c.index)
_NODE: Final = select(NODES.c.position, cast(NODES.c.hash, LargeBinary)).order_by(NODES.c.position)


@dataclass(frozen=True)
class Recorded:
    """An entry as it stands in the journal."""

    index: int
    entry: Entry


def append(connection: Connection, entries: Sequence[Entry]) -> tuple[int, ...]:
    """Append entries, in order, and return their indexes; they become true when the caller commits.

    Other writers wait from here to the end of the caller's transaction.

    Raises:
        JournalRefusedError: the connection is in autocommit, or in a snapshot older than the lock (PostgreSQL above READ
            COMMITTED), or is of neither database that the journal knows.
        JournalDamagedError: entries and tree are not of the same size: nothing may be added until the check has been run.
        sqlalchemy.exc.OperationalError: on SQLite, another writer has written since this transaction began without IMMEDIATE.
    """
    if not entries:
        return ()
    take_turn(connection)
    start = size(connection)
    _write(connection, start, [(entry, entry.encode()) for entry in entries])
    return tuple(range(start, start + len(entries)))


def append_encoded(connection: Connection, start: int, encoded: Sequence[bytes], expected_root: bytes) -> None:
    """Put back entries that this journal once held and lost, byte for byte, as a restore imports them.

    It takes only the bytes that lead from the entries that are here to a root that the caller has from a signed checkpoint: nothing
    new can be said this way. The caller commits.

    Args:
        connection: As for :func:`append`.
        start: The index of the first of them: how many entries there are.
        encoded: The entries' exact bytes, in order.
        expected_root: The root over everything, these entries included.

    Raises:
        JournalRefusedError: the journal has another size; the bytes are not entries; they do not lead to that root. Nothing is kept
            once the caller rolls back.
        JournalDamagedError: as for :func:`append`.
    """
    take_turn(connection)
    if size(connection) != start:
        raise JournalRefusedError(f"the journal has not {start} entries: import the segments in order, from where it ends")
    _write(connection, start, [(Entry.decode(data), data) for data in encoded])
    if root(connection) != expected_root:
        raise JournalRefusedError("these entries do not lead to the root of their checkpoint: nothing was imported")


def _write(connection: Connection, start: int, entries: Sequence[tuple[Entry, bytes]]) -> None:
    leaves = [tree.leaf_hash(data) for _, data in entries]
    nodes = tree.extend(_Stored(connection), start, leaves)
    connection.execute(
        insert(ENTRIES),
        [
            {"index": index, "bytes": data, "leaf_hash": leaf, "subject": entry.subject, "kind": entry.kind, "at": instant_text(entry.at)}
            for index, ((entry, data), leaf) in enumerate(zip(entries, leaves, strict=True), start)
        ],
    )
    connection.execute(insert(NODES), [{"position": tree.position(node), "hash": digest} for node, digest in nodes])


def size(connection: Connection) -> int:
    """Return how many entries there are.

    Raises:
        JournalDamagedError: the last entry and the last node of the tree do not belong together.
    """
    last_entry, last_node = connection.execute(_ends()).one()
    entries = 0 if last_entry is None else last_entry + 1
    nodes = 0 if last_node is None else last_node + 1
    if nodes != tree.node_count(entries):
        raise JournalDamagedError(f"the journal ends at {entries} entries and {nodes} nodes, which do not belong together: run the check")
    return int(entries)


def root(connection: Connection, at_size: int | None = None) -> bytes:
    """Return the root of the tree of the first ``at_size`` entries, by default of all."""
    return tree.root(_Stored(connection), _bounded(connection, at_size))


def inclusion_proof(connection: Connection, index: int, at_size: int | None = None) -> tuple[bytes, ...]:
    """Return the proof that the entry of this index is in the tree of the first ``at_size`` entries, by default of all."""
    return tree.inclusion_proof(_Stored(connection), index, _bounded(connection, at_size))


def consistency_proof(connection: Connection, old: int, new: int | None = None) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old`` entries begins the tree of ``new`` entries, by default of all."""
    return tree.consistency_proof(_Stored(connection), old, _bounded(connection, new))


def read(connection: Connection, start: int = 0, stop: int | None = None) -> Iterator[Recorded]:
    """Give the entries from ``start``, up to ``stop`` not included (by default to the end), in order, in batches.

    Raises:
        JournalDamagedError: an entry is missing, does not hash to its leaf, or is not an entry.
    """
    expected = start
    for row in _rows(connection, start, stop):
        if row.place != expected:
            raise JournalDamagedError(f"entry {expected} of the journal is missing: run the check")
        yield _recorded(row)
        expected += 1


def encoded(connection: Connection, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Give the exact bytes of the entries from ``start``, up to ``stop`` not included, in order, in batches; not decoded.

    Raises:
        JournalDamagedError: an entry is missing, or does not hash to its leaf.
    """
    expected = start
    for row in _rows(connection, start, stop):
        if row.place != expected:
            raise JournalDamagedError(f"entry {expected} of the journal is missing: run the check")
        _weigh(row)
        yield row.data
        expected += 1


def as_stored(connection: Connection, start: int, stop: int) -> tuple[Iterator[bytes], list[bytes]]:
    """Return the bytes that stand in the rows of these entries, and the leaf hashes that the tree has for them, each as it is.

    For an export, which is verified elsewhere: nothing is refused here, so that a damaged journal can be shown as well.
    """
    leaves = {tree.position(tree.Node(0, index)) for index in range(start, stop)}
    reach = (_NODE.where(NODES.c.position >= min(leaves), NODES.c.position <= max(leaves))) if leaves else _NODE.where(literal(value=False))
    found = [bytes(digest) for place, digest in connection.execute(reach) if place in leaves]
    return (row.data for row in _rows(connection, start, stop)), found


def of_kinds(connection: Connection, kinds: Sequence[str]) -> tuple[Recorded, ...]:
    """Return the entries of these kinds, in order: for kinds of which there are few.

    Raises:
        JournalDamagedError: one does not hash to its leaf, or is not an entry.
    """
    found = connection.execute(_ENTRY.where(ENTRIES.c.kind.in_(kinds)))
    return tuple(_recorded(audit.Row(*row)) for row in found)


def last(connection: Connection) -> Recorded | None:
    """Return the newest entry, if there is one."""
    row = connection.execute(_ENTRY.order_by(None).order_by(ENTRIES.c.index.desc()).limit(1)).one_or_none()
    return None if row is None else _recorded(audit.Row(*row))


def entries_about(connection: Connection, subject: str) -> tuple[Recorded, ...]:
    """Return the entries that have this subject, in order.

    Raises:
        JournalDamagedError: one does not hash to its leaf, or is not an entry.
    """
    found = connection.execute(_ENTRY.where(ENTRIES.c.subject == subject))
    return tuple(_recorded(audit.Row(*row)) for row in found)


def check(connection: Connection) -> list[Fault]:
    """Recompute the whole tree from the stored bytes, and return every fault, in order; an empty list means that it holds.

    Entries appended while it runs are left for the next check. It cannot see a journal rewritten from end to end, or cut at its
    end in both tables: only a checkpoint kept elsewhere contradicts those.
    """
    last_entry, last_node = connection.execute(_ends()).one()
    rows = _rows(connection, None, 0 if last_entry is None else last_entry + 1)
    nodes = _nodes(connection, 0 if last_node is None else last_node + 1)
    return audit.faults(rows, nodes, 0 if last_node is None else last_node + 1)


class _Stored:
    """The nodes in the table, as the tree wants them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def nodes(self, wanted: Sequence[tree.Node]) -> Mapping[tree.Node, bytes]:
        places = {tree.position(node): node for node in wanted}
        if not places:
            return {}
        found = self._connection.execute(_NODE.where(NODES.c.position.in_(places)))
        hashes = {places[place]: digest for place, digest in found}
        if len(hashes) != len(places):
            raise JournalDamagedError("a node of the journal's tree is missing: run the check")
        return hashes


def take_turn(connection: Connection) -> None:
    """Hold the lock of writers until the end of the transaction, so that what is read next is the last word.

    Raises:
        JournalRefusedError: as for :func:`append`.
    """
    turns: Mapping[str, Callable[[Connection], None]] = {"postgresql": _turn_on_postgresql, "sqlite": _turn_on_sqlite}
    if connection.dialect.name not in turns:
        raise JournalRefusedError(f"the journal is kept in SQLite or PostgreSQL, not in {connection.dialect.name}")
    turns[connection.dialect.name](connection)


def _turn_on_postgresql(connection: Connection) -> None:
    if getattr(connection.connection.driver_connection, "autocommit", False):
        raise JournalRefusedError("this connection is in autocommit: append inside the transaction of the state change")
    statement = select(func.pg_advisory_xact_lock(LOCK_KEY), func.current_setting("transaction_isolation"))
    if connection.execute(statement).one()[1] != "read committed":
        raise JournalRefusedError("append in a READ COMMITTED transaction: a fixed snapshot does not see the entries before its own")


def _turn_on_sqlite(connection: Connection) -> None:
    """Write nothing, which takes the write lock where BEGIN IMMEDIATE has not, or fails at once when others wrote meanwhile."""
    connection.execute(update(NODES).where(NODES.c.position == literal(-1)).values(hash=NODES.c.hash))
    if not getattr(connection.connection.driver_connection, "in_transaction", False):
        raise JournalRefusedError("this connection is in autocommit: append inside the transaction of the state change")


def _ends() -> Select[Any]:
    return select(
        select(func.max(ENTRIES.c.index)).scalar_subquery(),
        select(func.max(NODES.c.position)).scalar_subquery(),
    )


def _bounded(connection: Connection, at_size: int | None) -> int:
    total = size(connection)
    if at_size is None:
        return total
    if not 0 <= at_size <= total:
        raise JournalRefusedError(f"the journal has {total} entries, not {at_size}")
    return at_size


def _rows(connection: Connection, start: int | None, stop: int | None) -> Iterator[audit.Row]:
    """Give the stored rows in order, a batch at a time, so that neither memory nor a cursor is held."""
    while True:
        query = _ENTRY.limit(_BATCH)
        if start is not None:
            query = query.where(ENTRIES.c.index >= start)
        if stop is not None:
            query = query.where(ENTRIES.c.index < stop)
        batch = [audit.Row(*row) for row in connection.execute(query)]
        yield from batch
        if len(batch) < _BATCH:
            return
        start = batch[-1].place + 1


def _nodes(connection: Connection, stop: int) -> Iterator[tuple[int, bytes]]:
    """Give the stored nodes in order, a batch at a time."""
    start = -(2**62)
    while True:
        query = _NODE.where(NODES.c.position >= start, NODES.c.position < stop).limit(_BATCH)
        batch = [(place, digest) for place, digest in connection.execute(query)]
        yield from batch
        if len(batch) < _BATCH:
            return
        start = batch[-1][0] + 1


def _weigh(row: audit.Row) -> None:
    if tree.leaf_hash(row.data) != row.leaf_hash:
        raise JournalDamagedError(f"entry {row.place} of the journal does not hash to its leaf: it was changed; run the check")


def _recorded(row: audit.Row) -> Recorded:
    _weigh(row)
    try:
        return Recorded(row.place, Entry.decode(row.data))
    except JournalRefusedError as error:
        raise JournalDamagedError(f"entry {row.place} of the journal cannot be read: run the check") from error
