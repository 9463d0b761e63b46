"""The migrations make exactly the tables that the code declares, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from journal import checkpoints
from registry import migrate
from registry.database import Database


def test_upgrade_gives_the_declared_tables(database_url: str) -> None:
    """Nothing is left to migrate after the newest step, and running it again changes nothing."""
    database = Database(database_url)
    assert not migrate.is_current(database)
    migrate.upgrade(database)
    migrate.upgrade(database)
    assert migrate.is_current(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [SQLModel.metadata, checkpoints.CHECKPOINTS.metadata]) == []  # type: ignore[arg-type]  # a list is what env.py passes too
    database.close()
