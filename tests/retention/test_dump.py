"""The database in one text: what comes back is what was there, on either kind."""

import pytest
from sqlalchemy import MetaData, select

from journal import log
from registry.database import Database
from registry.migrate import is_current
from retention import dump
from retention.errors import BackupError
from tests.factories import NOW, Intakes, admitted, attest, opened

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]


def _filled(parts: Intakes) -> list[bytes]:
    (file,) = opened(parts.database)
    attest(parts, file)
    admitted(parts, file)
    with dump.snapshot(parts.database) as connection:
        return list(dump.lines(connection))


def _content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    found = MetaData()
    with database.engine.connect() as connection:
        found.reflect(connection)
        return {table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr) for table in found.sorted_tables}


def test_what_is_read_back_is_what_was_written(intakes: Intakes) -> None:
    """Every row of every table is there again, and the journal holds."""
    dumped, before = _filled(intakes), _content(intakes.database)
    opened(intakes.database, code="AUTRE")
    with intakes.database.transaction(NOW, "system:test") as tx:
        dump.replace(tx.session.connection(), dumped)
    assert _content(intakes.database) == before
    assert is_current(intakes.database)
    with intakes.database.reading() as session:
        assert log.check(session.connection()) == []


def test_one_kind_reads_what_the_other_wrote(intakes: Intakes, sqlite_url: str) -> None:
    """A backup of either database can be restored into SQLite, and gives the same text again."""
    dumped = _filled(intakes)
    other = Database(sqlite_url)
    with other.transaction(NOW, "system:test") as tx:
        dump.replace(tx.session.connection(), dumped)
    with dump.snapshot(other) as connection:
        again = list(dump.lines(connection))
    other.close()
    assert sorted(again) == sorted(dumped)


@pytest.mark.parametrize("cut", [0, 5, -1])
def test_a_dump_that_is_cut_changes_nothing(intakes: Intakes, cut: int) -> None:
    """One that ends early is refused, and the database is as it was."""
    dumped, before = _filled(intakes), _content(intakes.database)
    with pytest.raises(BackupError), intakes.database.transaction(NOW, "system:test") as tx:
        dump.replace(tx.session.connection(), dumped[:cut])
    assert _content(intakes.database) == before


def test_a_dump_that_lost_a_row_is_refused(intakes: Intakes) -> None:
    """The number of rows at its end tells."""
    dumped = _filled(intakes)
    row = next(place for place, line in enumerate(dumped) if line.startswith(b"["))
    with pytest.raises(BackupError), intakes.database.transaction(NOW, "system:test") as tx:
        dump.replace(tx.session.connection(), dumped[:row] + dumped[row + 1 :])


def test_a_newer_release_s_dump_is_refused(intakes: Intakes) -> None:
    """A step of the migrations that is not known here is said so."""
    dumped = [b'{"format":"consigne-database-1","revision":"9999"}\n', b'{"rows":0}\n']
    with pytest.raises(BackupError, match="newer release"), intakes.database.transaction(NOW, "system:test") as tx:
        dump.replace(tx.session.connection(), dumped)
