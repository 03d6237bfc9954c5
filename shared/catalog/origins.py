"""Follows an expression back to the columns of tables that it is calculated from."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BindParameter, ColumnClause, CompoundSelect, Select, TableClause
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.sql.visitors import ExternallyTraversible


def origins(value: ExternallyTraversible) -> tuple[list[ColumnClause[Any]], set[str]]:
    """Return the columns of tables, and the names of the parameters, that an expression is calculated from.

    A subquery's rows are chosen by its condition, so what that reads counts; what it is joined by
    does not, as little as the report's own joins do.
    """
    columns, parameters = list[ColumnClause[Any]](), set[str]()
    for item in _walked(value):
        if isinstance(item, ColumnClause) and isinstance(item.table, TableClause):
            columns.append(item)
        elif isinstance(item, BindParameter):
            parameters.add(item.key)
    return columns, parameters


def _walked(value: ExternallyTraversible) -> Iterator[ExternallyTraversible]:
    left, seen = [value], {id(value)}
    while left:
        item = left.pop()
        yield item
        if isinstance(item, ColumnClause) and isinstance(item.table, TableClause):
            continue
        for part in _parts(item):
            if id(part) not in seen:
                seen.add(id(part))
                left.append(part)


def _parts(item: ExternallyTraversible) -> list[ExternallyTraversible]:
    match item:
        case ColumnClause(table=AliasedReturnsRows() as rows):
            return _origins(item, rows)
        case Select():
            chosen = [] if item.whereclause is None else [item.whereclause]
            return [*item.selected_columns, *chosen]
        case _:
            return list(item.get_children())


def _origins(item: ColumnClause[Any], rows: AliasedReturnsRows) -> list[ExternallyTraversible]:
    """The expressions behind a column of a subquery, or the function behind one of its rows."""
    element: Any = rows
    while isinstance(element, AliasedReturnsRows):
        element = element.element
    if isinstance(element, CompoundSelect | Select):
        # By place: what has no name of its own has another one in each.
        place = next(place for place, other in enumerate(rows.c) if other is item)
        parts = element.selects if isinstance(element, CompoundSelect) else [element]
        return [list(part.selected_columns)[place] for part in parts]
    return list(element.get_children())
