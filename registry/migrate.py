"""Bring a database to the newest step, and tell whether it is there."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from registry.database import Database
from registry.errors import DatabaseUnavailableError

_LOCK = 0x436F6E73  # one migration at a time on PostgreSQL


def upgrade(database: Database) -> None:
    """Run the steps that are missing, all in one transaction; where none is missing, nothing is locked.

    Raises:
        DatabaseUnavailableError: the database did not answer, or stayed locked.
    """
    try:
        if not is_current(database):
            _upgrade(database)
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailableError(f"the database did not answer ({type(error.orig).__name__}): nothing was changed") from error


def _upgrade(database: Database) -> None:
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the database stands at the newest step."""
    with database.engine.connect().execution_options(consigne_writes=False) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("registry").joinpath("migrations")))
    return config
