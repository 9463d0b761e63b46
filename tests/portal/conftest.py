"""A centre with one candidate, on both databases, and the pages that serve it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from portal.app import create_app
from tests.portal.making import Place
from tests.support.databases import Schema
from tests.support.registry import Opener


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build the tables, and put two candidates into them."""
    return Place.furnish


@pytest.fixture
def anywhere(database_url: str, database_at: Opener) -> Iterator[Place]:
    """Give a centre on one database, then on the other."""
    with Place.opened(database_at(database_url)) as place:
        yield place


@pytest.fixture
def place(sqlite_url: str, database_at: Opener) -> Iterator[Place]:
    """Give a centre on SQLite."""
    with Place.opened(database_at(sqlite_url)) as place:
        yield place


@pytest.fixture
def client(place: Place) -> Iterator[TestClient]:
    """Give a client of the pages that does not follow where it is sent."""
    with TestClient(create_app(place.services()), base_url="http://portal.test", follow_redirects=False) as client:
        yield client
