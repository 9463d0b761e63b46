"""The journal's own tables, on both databases."""

import pytest
from sqlalchemy import create_engine

from journal import log
from tests.support.databases import Schema


def _build(url: str) -> None:
    engine = create_engine(url)
    log.METADATA.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build the journal's tables."""
    return _build
