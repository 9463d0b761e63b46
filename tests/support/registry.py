"""A database with every table of the registry, on SQLite and on PostgreSQL, whatever schema a folder's other tests ask for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.pool import QueuePool

from intake.shares import Share
from registry.database import Database
from registry.migrate import upgrade
from tests.factories import Intakes
from tests.support.databases import PostgresServer, SqliteTemplates

Opener = Callable[[str], Database]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the PostgreSQL half of a module marked ``postgresql_later`` for the stories.

    Such a module asks what is decided and said, not who may write when: the quick tests ask it on SQLite alone.
    """
    for item in items:
        asked = getattr(item, "callspec", None)
        if asked is not None and asked.params.get("registry_url") == "postgresql" and item.get_closest_marker("postgresql_later"):
            item.add_marker(pytest.mark.scenario)


def build(url: str) -> None:
    """Build every table, by the migrations."""
    database = Database(url)
    upgrade(database)
    database.close()


def put_back(database: Database) -> None:
    """Leave a database to the next test: a file goes, a server's connections stay unless somebody holds one."""
    pool = database.engine.pool
    if database.is_sqlite or not isinstance(pool, QueuePool) or pool.checkedout():
        database.close()


@pytest.fixture(scope="session")
def database_at() -> Iterator[Opener]:
    """Open a database once for all tests that have it in turn: its engine keeps what it compiled."""
    opened: dict[str, Database] = {}

    def at(url: str) -> Database:
        if url not in opened:
            opened[url] = Database(url)
        return opened[url]

    yield at
    for database in opened.values():
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database with its tables; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{cast('SqliteTemplates', request.getfixturevalue('sqlite_templates')).fresh(build)}"
    server = cast("PostgresServer", request.getfixturevalue("postgres_server"))
    return server.url(server.fresh(build))


@pytest.fixture
def registry(registry_url: str, database_at: Opener) -> Iterator[Database]:
    """Open a fresh database with its tables, one kind after the other."""
    database = database_at(registry_url)
    yield database
    put_back(database)


@pytest.fixture
def intakes(registry: Database, tmp_path: Path) -> Intakes:
    """Give the parts of intake on fakes, with an empty shared folder."""
    root = tmp_path / "depots"
    root.mkdir()
    return Intakes(registry, Share(root))
