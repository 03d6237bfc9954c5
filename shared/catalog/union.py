"""The union of tables of a report, in an order that indexes have."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnClause, Select, union_all

from shared.catalog.table import Table
from shared.core.collector import collated


def union(*tables: Table, by: tuple[str, ...]) -> Table:
    """Return the rows of tables of the same columns, which are described by the first one.

    Each comes in the order of the columns `by`: by index, so that a page need not read and sort all.
    """
    ordered = (_ordered(table, by) for table in tables)
    rows = union_all(*ordered).subquery("everybody")
    columns = tables[0].columns
    return Table(rows, *(replace(column, value=rows.c[column.id]) for column in columns))


def _ordered(table: Table, by: tuple[str, ...]) -> Select[Any]:
    """Select a table in the order of `by`, with the sort keys of the names among its columns."""
    query = table.select()
    for column in table.columns:
        value = column.value
        if isinstance(value, ColumnClause) and value.table is not None:
            key = value.table.c.get(collated(value.name))
            if key is not None:
                query = query.add_columns(key.label(collated(column.id)))
    columns = query.selected_columns
    return query.order_by(*(columns.get(collated(name), columns[name]) for name in by))
