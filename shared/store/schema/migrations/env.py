"""Runs the versions on the connection that `shared.store.schema.migrate` hands in; there is no alembic.ini."""

from alembic import context

from shared.store.schema.metadata import METADATA, SCHEMA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table="schema_version",
    version_table_schema=SCHEMA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
