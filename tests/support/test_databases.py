"""The databases that tests get are fresh, apart, and reachable from other processes."""

import subprocess
import sys

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from tests.support.databases import PostgresServer, Schema

BUILT: list[str] = []


def _build(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE things (name TEXT)"))
    engine.dispose()
    BUILT.append(url)


@pytest.fixture(scope="session")
def database_schema() -> Schema:
    """Build one table."""
    return _build


def _furnish(url: str) -> None:
    """Build one table that holds one thing."""
    _build(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO things VALUES ('built')"))
    engine.dispose()


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_finds_what_was_built(database_url: str, round_: int) -> None:
    """What one test writes, the next does not find; and the schema is built once for each kind of database."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar() == 0
        connection.execute(text("INSERT INTO things VALUES (:name)"), {"name": f"thing {round_}"})
    engine.dispose()
    assert database_url not in BUILT
    assert len(BUILT) == len({url.partition(":")[0] for url in BUILT})


@pytest.mark.parametrize(("schema", "held", "built"), [(_build, False, 0), (_build, True, 0), (_furnish, False, 1)])
def test_nothing_that_a_test_left_is_found(postgres_server: PostgresServer, schema: Schema, built: int, *, held: bool) -> None:
    """Rows are deleted; where a transaction is still open, or the schema has rows of its own, the database is copied anew."""
    name = postgres_server.fresh(schema)
    engine = create_engine(postgres_server.url(name))
    connection = engine.connect()
    connection.execute(text("INSERT INTO things VALUES ('left')"))
    connection.commit()
    if held:
        connection.execute(text("SELECT name FROM things FOR UPDATE"))
    assert postgres_server.fresh(schema) == name
    with create_engine(postgres_server.url(name), poolclass=NullPool).connect() as other:
        assert other.execute(text("SELECT count(*) FROM things")).scalar() == built
    connection.invalidate()
    connection.close()
    engine.dispose()


@pytest.mark.scenario
def test_another_process_reaches_it(database_url: str) -> None:
    """The URL alone is enough for a process that the test starts."""
    program = "import sys, sqlalchemy as s; e = s.create_engine(sys.argv[1]); c = e.connect(); print(s.inspect(c).get_table_names())"
    answer = subprocess.run([sys.executable, "-c", program, database_url], check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "['things']"


def test_a_database_without_a_schema_is_empty(postgres_server: PostgresServer) -> None:
    """Nothing is in it, and it goes although somebody is still connected."""
    name = postgres_server.create()
    engine = create_engine(postgres_server.url(name))
    connection = engine.connect()
    assert inspect(connection).get_table_names() == []
    postgres_server.drop(name)
    connection.invalidate()
    connection.close()
    engine.dispose()


def test_the_server_speaks_utf8_and_utc(postgres_url: str) -> None:
    """Tests depend neither on the locale nor on the time zone of the machine."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW server_encoding")).scalar() == "UTF8"
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()
