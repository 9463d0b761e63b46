"""The registry's tables, on both databases, for the tests of the outbox."""

from collections.abc import Iterator

import pytest

from registry.database import Database
from registry.migrate import upgrade
from tests.support.databases import Schema


def _build(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build every table, by the migrations."""
    return _build


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open an empty database, SQLite and PostgreSQL in turn."""
    database = Database(database_url)
    yield database
    database.close()
