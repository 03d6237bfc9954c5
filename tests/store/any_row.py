"""A row for any fixed table, made of its declaration: of nobody's data but its tenant's id."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import of_a_tenant

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_VALUES: dict[str, object] = {
    "TEXT": "x",
    "BOOLEAN": True,
    "INTEGER": 1,
    "BIGINT": 1,
    "DOUBLE PRECISION": 1.0,
    "JSONB": Jsonb({}),
    "BYTEA": b"x",
    "DATE": datetime(2026, 3, 1, tzinfo=UTC).date(),
    "TIMESTAMP WITH TIME ZONE": datetime(2026, 3, 1, tzinfo=UTC),
}


def fill_the_empty(owner: psycopg.Connection, tenants: list[UUID]) -> None:
    """Put a row of each tenant, or one of nobody, into every fixed table that has none.

    A table whose check takes none of these values is filled before; KeyError for a type that is new.
    """
    for table in fixed_tables():
        if owner.execute(f"SELECT FROM {table.fullname}".encode()).fetchone() is None:
            for tenant_id in tenants if of_a_tenant(table) else tenants[:1]:
                _insert(owner, table, tenant_id)


def _insert(owner: psycopg.Connection, table: Table, tenant_id: UUID) -> None:
    wanted = [c for c in table.columns if not c.nullable and c.server_default is None]
    names = ", ".join(column.name for column in wanted)
    places = ", ".join("%s" for _ in wanted)
    statement = f"INSERT INTO {table.fullname} ({names}) VALUES ({places})"
    owner.execute(statement.encode(), [_value(column, tenant_id) for column in wanted])


def _value(column: Column[object], tenant_id: UUID) -> object:
    if column.name == "tenant_id":
        return tenant_id
    kind = str(column.type.compile(dialect=_DIALECT))
    if kind == "UUID":
        return uuid4()
    return [] if kind.endswith("[]") else _VALUES[kind]
