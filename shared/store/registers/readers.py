"""Which tenant's reports a login role of the read-only role reads. Whoever owns the database says so."""

from sqlalchemy import Column, Table, Text, Uuid

from shared.store.schema.metadata import METADATA

READERS = Table(
    "readers",
    METADATA,
    Column("role_name", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
)
