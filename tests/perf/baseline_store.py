"""How the baselines keep users: one flat table without history, by ORM, by Core and by COPY."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.core.collector import Column, ColumnType
from shared.core.registry import collector

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine, Table

TABLE = "baseline_users"

SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "text",
    "bool": "boolean",
    "int": "bigint",
    "float": "double precision",
    "timestamp": "timestamptz",
    "date": "date",
    "json": "jsonb",
}


def columns() -> tuple[Column, ...]:
    """Return the columns that the product keeps of a user: every variant keeps the same ones."""
    return collector("users").columns


def create_sql() -> str:
    """Return the DDL of the flat table: the collector's columns, the raw object, two indexes."""
    typed = ", ".join(f"{column.name} {SQL_TYPES[column.type]}" for column in columns())
    return (
        f"CREATE TABLE {TABLE} (tenant_id uuid, id text, {typed}, content_hash bytea, raw jsonb,"
        f" PRIMARY KEY (tenant_id, id));"
        f" CREATE INDEX ON {TABLE} (tenant_id, user_principal_name)"
    )


def engine(database_url: str) -> "Engine":
    """Return a SQLAlchemy engine on psycopg 3."""
    from sqlalchemy import create_engine

    return create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1))


def table() -> "Table":
    """Return the flat table's SQLAlchemy metadata."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.postgresql import BYTEA, JSONB, TIMESTAMP

    types: dict[ColumnType, Any] = {
        "text": sa.Text(),
        "bool": sa.Boolean(),
        "int": sa.BigInteger(),
        "float": sa.Double(),
        "timestamp": TIMESTAMP(timezone=True),
        "date": sa.Date(),
        "json": JSONB(),
    }
    return sa.Table(
        TABLE,
        sa.MetaData(),
        sa.Column("tenant_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(column.name, types[column.type]) for column in columns()),
        sa.Column("content_hash", BYTEA()),
        sa.Column("raw", JSONB()),
    )


def mapped_class() -> type[Any]:
    """Return an ORM class on the flat table, configured."""
    from sqlalchemy.orm import configure_mappers, registry

    class User:
        """A user row as the ORM sees it."""

        def __init__(self, **values: object) -> None:
            for name, value in values.items():
                setattr(self, name, value)

    registry().map_imperatively(User, table())
    configure_mappers()
    return User


def model_values(user: Any, raw: dict[str, Any]) -> dict[str, object]:
    """Return the flat table's values of an SDK model; JSON columns come from its `raw` form."""
    values: dict[str, object] = {"id": user.id, "raw": raw}
    for column in columns():
        if column.type == "json":
            values[column.name] = raw.get(column.source)
        else:
            values[column.name] = getattr(user, _snake(column.source))
    return values


class BareWriter:
    """COPY of a page into a temp table, then one upsert of all of it: no history, no hash filter."""

    def __init__(self, connection: "psycopg.Connection[Any]", tenant_id: UUID) -> None:
        from psycopg.types.json import set_json_dumps

        set_json_dumps(_encoded, connection)
        self._connection, self._tenant_id = connection, tenant_id
        self._names = ["tenant_id", "id", *(column.name for column in columns()), "raw"]
        kinds = [SQL_TYPES[column.type] for column in columns()]
        self._types = ["uuid", "text", *kinds, "jsonb"]
        with connection.transaction():
            connection.execute(f"CREATE TEMP TABLE incoming (LIKE {TABLE}) ON COMMIT DELETE ROWS")

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Store rows of (id, columns..., raw); JSON values are bytes. One transaction."""
        names = ", ".join(self._names)
        new = ", ".join(f"{name} = EXCLUDED.{name}" for name in self._names[2:])
        with self._connection.transaction(), self._connection.cursor() as cursor:
            with cursor.copy(f"COPY incoming ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(self._types)
                for row in rows:
                    copy.write_row((self._tenant_id, *row))
            cursor.execute(
                f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM incoming"
                f" ON CONFLICT (tenant_id, id) DO UPDATE SET {new}"
            )


def page_decoder() -> Any:
    """Return decode(body) -> list of (id, columns..., raw) by msgspec; JSON values as bytes."""
    import msgspec

    kinds: dict[ColumnType, Any] = {
        "text": str | None,
        "bool": bool | None,
        "int": int | None,
        "float": float | None,
        "timestamp": datetime | None,
        "date": date | None,
        "json": msgspec.Raw,
    }
    nothing: dict[ColumnType, Any] = {"json": msgspec.Raw(b"null")}
    fields: list[Any] = [("id", str)]
    fields += [(c.source, kinds[c.type], nothing.get(c.type)) for c in columns()]
    user = msgspec.defstruct("User", fields)
    pages: Any = msgspec.json.Decoder(msgspec.defstruct("Page", [("value", list[msgspec.Raw])]))
    users: Any = msgspec.json.Decoder(user)
    names = [column.source for column in columns()]

    def decode(body: bytes) -> list[tuple[object, ...]]:
        found = []
        for raw in pages.decode(body).value:
            row = users.decode(raw)
            found.append((row.id, *(getattr(row, name) for name in names), raw))
        return found

    return decode


def _encoded(value: Any) -> bytes:
    return bytes(memoryview(value))  # already JSON


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
