"""The whole database in one text, from one consistent moment, and back into an empty one, on SQLite and PostgreSQL alike.

Lines of JSON (``docs/formats/backup.md``): a header, then for each table a line with its name and columns, and a line for each row; at
the end the number of rows. What is written is what the database holds, word for word, whether or not this release understands it; it is
read back at the step of the migrations at which it was written, and brought to the newest step afterwards.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import DateTime

from registry.database import Database
from retention.errors import BackupError

FORMAT: Final = "consigne-database-1"
_REVISIONS: Final = "alembic_version"
_BATCH: Final = 500
_BROKEN: Final = "the backup's database cannot be read: take another backup"


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Give a connection that sees one moment, whatever others write meanwhile."""
    level = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(consigne_writes=False, **level) as connection, connection.begin():
        yield connection


def lines(connection: Connection) -> Iterator[bytes]:
    """Write everything that a snapshot holds, line by line."""
    tables = _tables(connection)
    yield _line({"format": FORMAT, "revision": MigrationContext.configure(connection).get_current_revision()})
    count = 0
    for table in tables:
        yield _line({"table": table.name, "columns": [column.name for column in table.columns]})
        with connection.execution_options(yield_per=_BATCH).execute(select(table)) as rows:
            for row in rows:
                yield _line([_told(value) for value in row])
                count += 1
    yield _line({"rows": count})


def replace(connection: Connection, dumped: Iterable[bytes]) -> None:
    """Put what was written in the place of everything that the database holds, inside the caller's transaction.

    Raises:
        BackupError: it is not whole, or was written by a newer release. The caller rolls back.
    """
    clear(connection)
    count, table, waiting = 0, None, []
    known: dict[str, Table] = {}
    ended = False
    for parsed in map(_parsed, dumped):
        if ended:
            raise BackupError(_BROKEN)
        if isinstance(parsed, list):
            count += 1
            waiting.append(_row(table, parsed))
        elif "format" in parsed:
            known = _built(connection, parsed)
        if waiting and (not isinstance(parsed, list) or len(waiting) == _BATCH):
            _insert(connection, table, waiting)
            waiting = []
        if isinstance(parsed, dict) and "table" in parsed:
            table = _same(known, parsed)
        ended = isinstance(parsed, dict) and "rows" in parsed
        if ended and parsed != {"rows": count}:
            raise BackupError(_BROKEN)
    if not ended:
        raise BackupError(_BROKEN)
    migrate(connection, "head")


def clear(connection: Connection) -> None:
    """Take away every table."""
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a step of the migrations, inside the caller's transaction.

    Raises:
        BackupError: this release does not know that step.
    """
    config = Config()
    config.set_main_option("script_location", str(resources.files("registry").joinpath("migrations")))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise BackupError("the backup was made by a newer release of Consigne: install that one, then restore") from error


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _REVISIONS]


def _built(connection: Connection, header: dict[str, Any]) -> dict[str, Table]:
    if header.get("format") != FORMAT or not isinstance(header.get("revision"), str):
        raise BackupError(_BROKEN)
    migrate(connection, header["revision"])
    return {table.name: table for table in _tables(connection)}


def _same(known: dict[str, Table], header: dict[str, Any]) -> Table:
    table = known.get(str(header["table"]))
    if table is None or [column.name for column in table.columns] != header.get("columns"):
        raise BackupError(_BROKEN)
    return table


def _insert(connection: Connection, table: Table | None, rows: list[dict[str, Any]]) -> None:
    if table is None:
        raise BackupError(_BROKEN)
    try:
        connection.execute(insert(table), rows)
    except IntegrityError as error:
        raise BackupError(_BROKEN) from error


def _row(table: Table | None, values: list[Any]) -> dict[str, Any]:
    if table is None or len(values) != len(table.columns):
        raise BackupError(_BROKEN)
    return {column.name: _value(told, zoned=_zoned(column.type)) for column, told in zip(table.columns, values, strict=True)}


def _zoned(kind: object) -> bool:
    return isinstance(kind, DateTime) and bool(kind.timezone)


def _told(value: Any) -> Any:
    """Write one value; what JSON has no word for is an object of one member."""
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return {"t": aware.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, list | dict):
        return {"j": value}
    return value


def _value(told: Any, *, zoned: bool) -> Any:
    if not isinstance(told, dict):
        return told
    try:
        ((kind, inner),) = told.items()
        if kind == "t":
            at = datetime.fromisoformat(inner)
            return at if zoned else at.astimezone(UTC).replace(tzinfo=None)
        if kind == "b":
            return base64.b64decode(inner, validate=True)
        return date.fromisoformat(inner) if kind == "d" else {"j": inner}[kind]
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BackupError(_BROKEN) from error


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _parsed(line: bytes) -> Any:
    try:
        found = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise BackupError(_BROKEN) from error
    if not isinstance(found, list | dict):
        raise BackupError(_BROKEN)
    return found
