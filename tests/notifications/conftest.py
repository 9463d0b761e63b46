"""The registry's tables, on both databases, for the tests of the outbox."""

from collections.abc import Iterator

import pytest

from registry.database import Database
from tests.support.databases import Schema
from tests.support.registry import Opener, build, put_back


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build every table, by the migrations."""
    return build


@pytest.fixture
def database(database_url: str, database_at: Opener) -> Iterator[Database]:
    """Open an empty database, SQLite and PostgreSQL in turn."""
    database = database_at(database_url)
    yield database
    put_back(database)
