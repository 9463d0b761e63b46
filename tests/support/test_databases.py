"""The databases that tests get are fresh, apart, and reachable from other processes."""

import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text

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


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_a_copy_of_its_own(database_url: str, round_: int) -> None:
    """What one test writes, the next does not find; and the schema is built once for each kind of database."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar() == 0
        connection.execute(text("INSERT INTO things VALUES (:name)"), {"name": f"thing {round_}"})
    engine.dispose()
    assert database_url not in BUILT
    assert len(BUILT) == len({url.partition(":")[0] for url in BUILT})


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
