"""A house where recordings are sealed and can be heard."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.shares import Share
from registry.database import Database
from tests.sharing.house import House, opened
from tests.support.databases import SqliteTemplates
from tests.support.registry import build


@pytest.fixture
def house(sqlite_templates: SqliteTemplates, tmp_path: Path) -> Iterator[House]:
    """Give a house where recordings are heard, on SQLite; what the rule reads is tested on both databases, beside the rule."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "house.db")
    database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    with opened(database, Share(tmp_path)) as house:
        yield house
    database.close()


@pytest.fixture
def house_anywhere(registry: Database, tmp_path: Path) -> Iterator[House]:
    """Give such a house on one database, then on the other."""
    with opened(registry, Share(tmp_path)) as house:
        yield house
