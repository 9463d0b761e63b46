"""The journal in a database: what is appended is read back, proved, and undone with its transaction."""

import pytest
from sqlalchemy import Engine, create_engine, delete, event, insert, update
from sqlalchemy.exc import OperationalError

from journal import log, tree
from journal.errors import JournalDamagedError, JournalRefusedError
from tests.journal.making import an_entry, opened, slow_path, slow_proof, slow_root


def fill(engine: Engine, count: int) -> None:
    """Append that many entries in one transaction."""
    with engine.begin() as connection:
        log.append(connection, [an_entry(number) for number in range(count)])


def test_an_empty_journal(engine: Engine) -> None:
    """Nothing appended: no entry, the root of nothing, nothing wrong."""
    with engine.begin() as connection:
        assert log.append(connection, []) == ()
        assert log.size(connection) == 0
        assert log.root(connection) == tree.EMPTY_ROOT
        assert log.last(connection) is None
        assert list(log.read(connection)) == []
        assert log.check(connection) == []


def test_what_is_appended_is_read_back(engine: Engine) -> None:
    """Entries come back equal, in order, at the indexes that append returned, whole, in part and by subject."""
    entries = [an_entry(number, subject=number % 3) for number in range(11)]
    with engine.begin() as connection:
        assert log.append(connection, entries[:4]) == (0, 1, 2, 3)
        assert log.append(connection, entries[4:5]) == (4,)
    with engine.begin() as connection:
        assert log.append(connection, entries[5:]) == tuple(range(5, 11))
    with engine.begin() as connection:
        recorded = [log.Recorded(index, entry) for index, entry in enumerate(entries)]
        assert list(log.read(connection)) == recorded
        assert list(log.read(connection, 3, 6)) == recorded[3:6]
        assert list(log.read(connection, 11)) == []
        assert log.last(connection) == recorded[-1]
        assert log.entries_about(connection, entries[1].subject) == tuple(recorded[1::3])
        assert log.entries_about(connection, "rec_" + "f" * 32) == ()
        assert log.check(connection) == []


def test_roots_and_proofs_are_the_definitions(engine: Engine) -> None:
    """For every size, the stored tree gives the root and the proofs that the RFC defines over the stored bytes."""
    leaves = [an_entry(number).encode() for number in range(13)]
    with engine.begin() as connection:
        for number in range(13):
            log.append(connection, [an_entry(number)])
        for size in range(1, 14):
            assert log.root(connection, size) == slow_root(leaves[:size])
            assert list(log.inclusion_proof(connection, size // 2, size)) == slow_path(size // 2, leaves[:size])
            assert list(log.consistency_proof(connection, size)) == slow_proof(size, leaves)
        assert log.root(connection) == log.root(connection, 13)
        assert log.inclusion_proof(connection, 4) == log.inclusion_proof(connection, 4, 13)


def test_a_rolled_back_append_leaves_nothing(engine: Engine) -> None:
    """Entries and nodes go with the transaction that wrote them, and the next append takes their place."""
    fill(engine, 5)
    with engine.connect() as connection:
        before = log.root(connection)
        connection.rollback()
        log.append(connection, [an_entry(90), an_entry(91), an_entry(92)])
        connection.rollback()
    with engine.begin() as connection:
        assert (log.size(connection), log.root(connection)) == (5, before)
        assert log.append(connection, [an_entry(5)]) == (5,)
        assert log.check(connection) == []


def test_a_savepoint_rolled_back_leaves_nothing(engine: Engine) -> None:
    """An append undone in the middle of a transaction is undone whole."""
    with engine.begin() as connection:
        log.append(connection, [an_entry(0)])
        savepoint = connection.begin_nested()
        log.append(connection, [an_entry(1)])
        savepoint.rollback()
        assert log.append(connection, [an_entry(2)]) == (1,)
    with engine.begin() as connection:
        assert [recorded.entry for recorded in log.read(connection)] == [an_entry(0), an_entry(2)]
        assert log.check(connection) == []


def test_appending_outside_a_transaction_is_refused(database_url: str) -> None:
    """A connection that commits by itself could not undo an entry, nor hold its turn."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        with pytest.raises(JournalRefusedError, match="autocommit"):
            log.append(connection, [an_entry()])
        assert log.size(connection) == 0
    engine.dispose()


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_older_than_the_lock_is_refused(postgres_url: str, level: str) -> None:
    """On PostgreSQL, a transaction that would not see the entry appended while it waited may not append."""
    engine = create_engine(postgres_url, isolation_level=level)
    with engine.connect() as connection, pytest.raises(JournalRefusedError, match="READ COMMITTED"):
        log.append(connection, [an_entry()])
    engine.dispose()


def test_a_deferred_transaction_that_is_late_fails_at_once(sqlite_url: str) -> None:
    """On SQLite, a transaction that read before another wrote cannot append, and leaves the journal whole."""
    late = create_engine(sqlite_url, connect_args={"timeout": 0})
    with opened(sqlite_url) as engine, late.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN DEFERRED")
        assert log.size(connection) == 0
        fill(engine, 3)
        with pytest.raises(OperationalError, match="locked"):
            log.append(connection, [an_entry(9)])
        connection.rollback()
        connection.exec_driver_sql("BEGIN DEFERRED")
        assert log.append(connection, [an_entry(3)]) == (3,)
        connection.commit()
        assert log.check(connection) == []
    late.dispose()


def test_other_databases_are_refused(sqlite_url: str) -> None:
    """The journal does not guess how another database makes writers take turns."""
    with opened(sqlite_url) as engine, engine.connect() as connection:
        engine.dialect.name = "mysql"
        with pytest.raises(JournalRefusedError, match="mysql"):
            log.append(connection, [an_entry()])
        engine.dialect.name = "sqlite"


def test_appending_to_a_damaged_end_is_refused(engine: Engine) -> None:
    """Where the last entries are gone, nothing is written over the place where they were."""
    fill(engine, 6)
    with engine.begin() as connection:
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index == 5))
        with pytest.raises(JournalDamagedError, match="run the check"):
            log.append(connection, [an_entry(9)])


def test_a_lost_node_is_said(engine: Engine) -> None:
    """A root or a proof that needs a missing node is refused, not made up."""
    fill(engine, 6)
    with engine.begin() as connection:
        connection.execute(delete(log.NODES).where(log.NODES.c.position == 6))
        with pytest.raises(JournalDamagedError, match="node"):
            log.root(connection)


def test_reading_stops_at_what_was_changed(engine: Engine) -> None:
    """An entry that was edited, or is missing, is never given as if it were one."""
    fill(engine, 6)
    with engine.begin() as connection:
        connection.execute(update(log.ENTRIES).where(log.ENTRIES.c.index == 2).values(bytes=an_entry(7).encode()))
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index == 4))
        for start, index in ((0, 2), (3, 4)):
            with pytest.raises(JournalDamagedError, match=f"entry {index} "):
                list(log.read(connection, start))
        with pytest.raises(JournalDamagedError, match="entry 2 "):
            log.entries_about(connection, an_entry().subject)


def test_bytes_that_are_no_entry_are_said(engine: Engine) -> None:
    """A row that hashes to its leaf and is no entry is damage too."""
    with engine.begin() as connection:
        connection.execute(
            insert(log.ENTRIES), {"index": 0, "bytes": b"{}", "leaf_hash": tree.leaf_hash(b"{}"), "subject": "", "kind": "", "at": ""}
        )
        with pytest.raises(JournalDamagedError, match=r"entry 0 .* cannot be read"):
            log.last(connection)


@pytest.mark.parametrize("size", [-1, 4])
def test_sizes_beyond_the_journal_are_refused(engine: Engine, size: int) -> None:
    """There is no root, and no proof, of a tree that is not there."""
    fill(engine, 3)
    with engine.begin() as connection:
        for ask in (log.root, log.consistency_proof):
            with pytest.raises(JournalRefusedError):
                ask(connection, size)
        with pytest.raises(JournalRefusedError):
            log.inclusion_proof(connection, 0, size)


def test_reading_goes_on_beyond_a_batch(sqlite_url: str) -> None:
    """Thousands of entries are read and checked a batch at a time, none lost between two."""
    with opened(sqlite_url) as engine:
        fill(engine, 2500)
        with engine.begin() as connection:
            assert [recorded.index for recorded in log.read(connection)] == list(range(2500))
            assert [recorded.index for recorded in log.read(connection, 999, 2001)] == list(range(999, 2001))
            assert log.check(connection) == []


def test_an_append_costs_the_same_statements_however_long_the_journal(engine: Engine) -> None:
    """The number of statements does not grow with the journal, nor does that of the rows they return beyond its logarithm."""
    counts = []
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    for length in (1, 63, 600):
        fill(engine, length)
        statements.clear()
        fill(engine, 1)
        counts.append(sum("journal_" in statement or "advisory" in statement for statement in statements))
    assert counts == [5, 5, 5]


def test_the_lock_is_taken_before_anything_is_read(postgres_url: str) -> None:
    """On PostgreSQL, the first statement of an append waits for its turn."""
    with opened(postgres_url) as engine:
        statements: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        fill(engine, 1)
        assert "pg_advisory_xact_lock" in statements[0]
        assert not any("pg_advisory" in statement for statement in statements[1:])
