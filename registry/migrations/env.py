"""Alembic's environment: always on a connection that the caller opened."""

from alembic import context

from journal import log
from registry import tables

TARGETS = [tables.Row.metadata, log.METADATA]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TARGETS,
    compare_type=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
