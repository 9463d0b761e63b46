"""What the journal's tests are made of: entries, engines as the registry makes them, a tree computed the slow way."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from journal import log
from journal.entry import Entry
from journal.tree import Node

START = datetime(2026, 5, 25, 22, 0, tzinfo=UTC)


def an_entry(number: int = 0, subject: int = 1, **facts: int | str) -> Entry:
    """Make an entry that differs from others by its number."""
    return Entry(
        kind="deposit.accepted",
        subject=f"rec_{subject:032x}",
        at=START + timedelta(seconds=number),
        actor="system:intake",
        facts={"number": number, **facts},
        salt=number.to_bytes(16),
    )


def open_engine(url: str) -> Engine:
    """Open a database; on SQLite, transactions begin when asked to, and immediately."""
    engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _no_implicit_begin)
        event.listen(engine, "begin", _begin_immediate)
    return engine


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Open a database for a while."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _no_implicit_begin(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def append_many(url: str, writer: int, rounds: int) -> None:
    """Append two entries in each of so many transactions, and roll back an append of one before each."""
    with opened(url) as engine:
        for number in range(0, 2 * rounds, 2):
            with engine.connect() as connection:
                log.append(connection, [an_entry(999, subject=99)])
                connection.rollback()
            with engine.begin() as connection:
                log.append(connection, [an_entry(number, subject=writer), an_entry(number + 1, subject=writer)])


class MemoryNodes:
    """A node store in memory."""

    def __init__(self) -> None:
        self.hashes: dict[Node, bytes] = {}

    def nodes(self, wanted: Sequence[Node]) -> Mapping[Node, bytes]:
        """Return the hash of each node."""
        return {node: self.hashes[node] for node in wanted}


def slow_root(leaves: Sequence[bytes]) -> bytes:
    """Compute MTH of RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    cut = slow_cut(len(leaves))
    return hashlib.sha256(b"\x01" + slow_root(leaves[:cut]) + slow_root(leaves[cut:])).digest()


def slow_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Compute PATH of RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    cut = slow_cut(len(leaves))
    if index < cut:
        return [*slow_path(index, leaves[:cut]), slow_root(leaves[cut:])]
    return [*slow_path(index - cut, leaves[cut:]), slow_root(leaves[:cut])]


def slow_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Compute PROOF of RFC 6962, section 2.1.2, as it is written there."""
    return _slow_subproof(old, leaves, whole=True)


def _slow_subproof(old: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [slow_root(leaves)]
    cut = slow_cut(len(leaves))
    if old <= cut:
        return [*_slow_subproof(old, leaves[:cut], whole=whole), slow_root(leaves[cut:])]
    return [*_slow_subproof(old - cut, leaves[cut:], whole=False), slow_root(leaves[:cut])]


def slow_cut(length: int) -> int:
    """Return the largest power of two smaller than the length."""
    cut = 1
    while cut * 2 < length:
        cut *= 2
    return cut


if __name__ == "__main__":
    append_many(sys.argv[1], rounds=int(sys.argv[2]), writer=int(sys.argv[3]))
