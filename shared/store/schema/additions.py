"""What a declared table has more than the stored one. A stored column is never retyped."""

from sqlalchemy import Column, Connection, Table, text

_STORED = text("""
    SELECT attname AS name, format_type(atttypid, atttypmod) AS kind FROM pg_attribute
    WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped
""")


class ColumnRetyped(Exception):
    """A declaration gives a stored column another type: name a new column instead."""


def missing_columns(connection: Connection, table: Table) -> list[Column[object]]:
    """Return the columns that are declared and not stored; ColumnRetyped if a type differs."""
    found = connection.execute(_STORED, {"name": f'{table.schema}."{table.name}"'})
    stored = {row.name: row.kind for row in found}
    for column in table.columns:
        plain = column.type.compile(connection.dialect).split(" COLLATE ")[0].lower()
        kind = stored.get(column.name, plain)
        if kind != plain:
            raise ColumnRetyped(f"{table.name}.{column.name}: {kind} is stored, {plain} declared")
    return [column for column in table.columns if column.name not in stored]
