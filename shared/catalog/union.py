"""The union of tables of a report."""

from copy import replace
from typing import Any

from sqlalchemy import ColumnClause, Select, union_all

from shared.catalog.table import Table
from shared.core.collector import collated


def union(*tables: Table) -> Table:
    """Return the rows of tables of the same columns, which are described by the first one.

    The first is the long one: for a page the store reads the others no further than it has read
    that.
    """
    rows = union_all(*map(_with_sort_keys, tables)).subquery("everybody")
    columns = tables[0].columns
    return Table(rows, *(replace(column, value=rows.c[column.id]) for column in columns))


def _with_sort_keys(table: Table) -> Select[Any]:
    """Select a table with the sort keys of the names among its columns."""
    query = table.select()
    for column in table.columns:
        value = column.value
        if isinstance(value, ColumnClause) and value.table is not None:
            key = value.table.c.get(collated(value.name))
            if key is not None:
                query = query.add_columns(key.label(collated(column.id)))
    return query
