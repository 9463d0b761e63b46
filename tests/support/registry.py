"""A database with every table of the registry, on SQLite and on PostgreSQL, whatever schema a folder's other tests ask for."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from intake.shares import Share
from registry.database import Database
from registry.migrate import upgrade
from tests.factories import Intakes
from tests.support.databases import PostgresServer, SqliteTemplates


def build(url: str) -> None:
    """Build every table, by the migrations."""
    database = Database(url)
    upgrade(database)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a fresh database with its tables; the test runs once on each kind."""
    if request.param == "sqlite":
        templates = cast("SqliteTemplates", request.getfixturevalue("sqlite_templates"))
        shutil.copyfile(templates.file(build), tmp_path / "registry.db")
        yield f"sqlite:///{tmp_path / 'registry.db'}"
    else:
        server = cast("PostgresServer", request.getfixturevalue("postgres_server"))
        name = server.create(build)
        yield server.url(name)
        server.drop(name)


@pytest.fixture
def registry(registry_url: str) -> Iterator[Database]:
    """Open a fresh database with its tables, one kind after the other."""
    database = Database(registry_url)
    yield database
    database.close()


@pytest.fixture
def intakes(registry: Database, tmp_path: Path) -> Intakes:
    """Give the parts of intake on fakes, with an empty shared folder."""
    root = tmp_path / "depots"
    root.mkdir()
    return Intakes(registry, Share(root))
