"""Alembic on a connection that shop.schema opened: both databases, batch mode for SQLite, triggers re-applied at the end."""

from alembic import context

from core.triggers import apply_triggers
from shop.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, transactional_ddl=True)

with context.begin_transaction():
    context.run_migrations()
    apply_triggers(connection)
