"""The journal's own tables, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from journal import checkpoints, log
from tests.journal.making import opened
from tests.support.databases import Schema


def _build(url: str) -> None:
    engine = create_engine(url)
    assert checkpoints.CHECKPOINTS.metadata is log.METADATA
    log.METADATA.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build the journal's tables."""
    return _build


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Open an empty journal, on one database and on the other."""
    with opened(database_url) as engine:
        yield engine
