"""The database: its engine, and the one place that commits.

A change of what is true, its journal entry and its mails commit together or not at all. SQLite writes begin with
``BEGIN IMMEDIATE``; PostgreSQL takes row locks in the order of ids, and the journal's advisory lock last: entries
are gathered while the transaction runs and appended just before the commit, so nothing else happens under that lock.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from journal import log
from journal.entry import Entry
from registry.errors import DatabaseUnavailableError, RefusedError, UnexplainedWriteError
from registry.tables import Row

_WRITES = "consigne_writes"
_BUSY_SECONDS = 10
_NEVER = datetime.min.replace(tzinfo=UTC)  # bookkeeping writes no entry, so its instant is never read
R = TypeVar("R", bound=Row)


class Transaction:
    """One change of what is true, being prepared. Ends by a commit of everything, or of nothing."""

    def __init__(self, session: Session, now: datetime, actor: str) -> None:
        self.session = session
        self.now = now
        self.actor = actor
        self.indexes: tuple[int, ...] = ()  # of this transaction's entries in the journal, once it has committed
        self._entries: list[Entry] = []
        self._touched: set[str] = set()
        self._states: dict[str, tuple[str | None, str]] = {}  # of each row that has one: before this transaction, and now
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "do_orm_execute", _refuse_bulk)

    def record(self, kind: str, subject: str, **facts: Any) -> None:
        """Add the journal entry that explains what this transaction writes about ``subject``."""
        salt = secrets.token_bytes(16)
        self._entries.append(Entry(kind=kind, subject=subject, at=self.now, actor=self.actor, facts=facts, salt=salt))

    def lock(self, model: type[R], row_id: str) -> R:
        """Read a row again, and hold it until the end of the transaction.

        Raises:
            RefusedError: there is no such row.
        """
        row = self.session.get(model, row_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise RefusedError(f"nothing is known under {row_id}: check the identifier")
        return row

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        for row in session.deleted:
            if isinstance(row, Row) and row.journaled:
                self._touched.add(str(row.id))  # type: ignore[attr-defined]  # every journaled table has one
        for row in (*session.new, *session.dirty):
            if isinstance(row, Row) and row.journaled and session.is_modified(row):
                self._note(row, _changed(row) - row.bookkeeping)

    def _note(self, row: Row, changed: set[str]) -> None:
        row_id = str(row.id)  # type: ignore[attr-defined]  # every journaled table has one
        if changed:
            self._touched.add(row_id)
        if "state" in changed:
            history = inspect(row).attrs["state"].history
            before = str(history.deleted[0]) if history.deleted else None
            first, _ = self._states.get(row_id, (before, ""))
            self._states[row_id] = first, str(row.state)  # type: ignore[attr-defined]  # its column was just seen

    def finish(self) -> None:
        """Flush, check that every change is explained, and append the entries. The caller commits."""
        self.session.flush()
        unexplained = self._touched - {entry.subject for entry in self._entries}
        if unexplained:
            raise UnexplainedWriteError(f"no journal entry explains the change of {', '.join(sorted(unexplained))}")
        for row_id, (before, after) in self._states.items():
            if not self._leads(row_id, before, after):
                raise UnexplainedWriteError(f"the journal's entries do not lead {row_id} from {before} to {after}")
        if self._entries:
            self.indexes = log.append(self.session.connection(), self._entries)

    def _leads(self, row_id: str, before: str | None, after: str) -> bool:
        """Tell whether the entries about a row go from its state before to its state now, step by step."""
        at = before
        for entry in self._entries:
            if entry.subject == row_id and "after" in entry.facts:
                if at is not None and entry.facts["before"] != at:
                    return False
                at = str(entry.facts["after"])
        return at == after or (before is None and at is None)


def _refuse_bulk(asked: ORMExecuteState) -> None:
    """Refuse statements that change rows of what is true without loading them: nobody could tell what they changed.

    Raises:
        UnexplainedWriteError: always, for a journaled table.
    """
    if not (asked.is_update or asked.is_delete or asked.is_insert):
        return
    table = getattr(asked.statement, "table", None)
    name = getattr(table, "name", None)
    if any(row.journaled and row.__tablename__ == name for row in Row.__subclasses__()):
        raise UnexplainedWriteError(f"rows of {name} are changed one by one, each with its entry, never in bulk")


def _changed(row: Row) -> set[str]:
    state = inspect(row)
    if not state.persistent:
        return set(state.attrs.keys())
    return {attribute.key for attribute in state.attrs if attribute.history.has_changes()}


class Database:
    """A SQLite file or a PostgreSQL database, by SQLAlchemy URL.

    It holds no password in its repr. Every failure to reach it is a ``DatabaseUnavailableError``.
    """

    def __init__(self, url: str, *, busy_seconds: float = _BUSY_SECONDS) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url, busy_seconds) if self.is_sqlite else create_engine(url, pool_pre_ping=True)

    def __repr__(self) -> str:
        return f"Database({self.engine.url.render_as_string(hide_password=True)})"

    @contextmanager
    def transaction(self, now: datetime, actor: str) -> Iterator[Transaction]:
        """Change what is true: everything written inside commits with its journal entries, or nothing does.

        Raises:
            UnexplainedWriteError: a journaled row changed and no entry names it; nothing is written.
            DatabaseUnavailableError: the database did not answer or stayed locked; nothing is written.
        """
        with self._session(writes=True) as session:
            tx = Transaction(session, now, actor)
            yield tx
            tx.finish()
            session.commit()

    @contextmanager
    def bookkeeping(self) -> Iterator[Session]:
        """Change leases, outbox and caches only: a change of what is true is refused here."""
        with self._session(writes=True) as session:
            tx = Transaction(session, _NEVER, "")
            yield session
            tx.finish()
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent state; nothing written here is kept."""
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(**{_WRITES: writes}) as connection,
                Session(connection, expire_on_commit=False, autoflush=True) as session,
            ):
                yield session
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError("every connection to the database is in use: nothing was written") from error
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailableError(
                "the database did not answer, or stayed locked: nothing was written. Look at its disk or server, then try again; "
                "what runs tries again by itself",
            ) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise DatabaseUnavailableError("the connection to the database was lost: nothing was written") from error

    def forget(self, *rewritten: str) -> bool:
        """Have the files forget what was erased from the rows: cleared columns must be gone, not only unseen.

        SQLite overwrites what it frees (``secure_delete``); its log of writes is emptied here. PostgreSQL takes dead rows out of its pages
        but leaves their bytes there until something else is written over them: the tables named are written anew, and locked meanwhile.
        Its own log of writes ends with its archives.

        Returns:
            False where somebody reads or writes just now, so that SQLite's log of writes stays: call again.

        Raises:
            DatabaseUnavailableError: the database did not answer.
        """
        try:
            if self.is_sqlite:
                return self._truncated()
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
                for table in rewritten:
                    connection.exec_driver_sql(f'VACUUM (FULL) "{table}"')
        except (OperationalError, InterfaceError, sqlite3.OperationalError) as error:
            raise DatabaseUnavailableError("the database did not take out what was erased: it is tried again") from error
        return True

    def _truncated(self) -> bool:
        """Empty SQLite's log of writes, which cannot be done inside a transaction."""
        connection = self.engine.raw_connection()
        try:
            busy, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def _sqlite_engine(url: str, busy_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None  # SQLAlchemy's begin event below opens every transaction
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # a deferred transaction that reads first fails at once when another has written since
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
