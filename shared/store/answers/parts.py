"""Takes a report apart that is the union of several lists, so that each is read no further than a page.

PostgreSQL plans what is below a union for all of its rows, whatever the limit above it: it would
join, sort and compare a tenant's people as a whole for each page of them.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Label,
    Select,
    Subquery,
    Text,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.schema import Column

from shared.core.query import Order
from shared.store.answers.keyset import WITHOUT_NULLS, Segment
from shared.store.answers.sources import CollectorOf, built

# Above every text in the order of bytes, but those that begin with as many of Unicode's last character.
_LAST = "\U0010ffff" * 64


@lru_cache
def reads_apart(
    query: Callable[..., Select[Any]], collector_of: CollectorOf, ordered_by: str
) -> bool:
    """Tell whether rows with and without a value in the column `ordered_by` are read apart for a page.

    They are of a union of lists, each of which may be read in that order by an index. What all of them
    work out for each row has none, and would be worked out twice.
    """
    _, found = built(query, collector_of, current=True)
    lists = parts_of(found)
    return len(lists) > 1 and any(_is_stored(part.selected_columns[ordered_by]) for part in lists)


def _is_stored(column: ColumnElement[Any]) -> bool:
    return isinstance(column.element if isinstance(column, Label) else column, Column)


def parts_of(query: Select[Any]) -> list[Select[Any]]:
    """Return the lists that a query passes on as they are, or the query alone."""
    # Not `get_final_froms`: it compiles the whole statement to tell.
    sources = [part for part in query.get_children() if isinstance(part, FromClause)]
    union = sources[0] if len(sources) == 1 else None
    if not isinstance(union, Subquery) or not isinstance(union.element, CompoundSelect):
        return [query]
    columns = query.selected_columns
    as_they_are = all(
        isinstance(column, Label)
        and (_is_constant(column) or column.element is union.c.get(column.name))
        for column in columns
    )
    if query.whereclause is not None or not as_they_are:
        return [query]
    return [
        part.with_only_columns(
            *(
                column if _is_constant(column) else part.selected_columns[name]
                for name, column in columns.items()
            )
        )
        for part in union.element.selects
        if isinstance(part, Select)
    ]


def _is_constant(column: ColumnElement[Any]) -> bool:
    """Tell whether a column is a parameter: the same in every row of each list."""
    return isinstance(column, Label) and isinstance(column.element, BindParameter)


def page_of_parts(
    pages: Sequence[Select[Any]],
    keys: Sequence[ColumnElement[Any]],
    order: Sequence[Order],
    segment: Segment,
    limit: int,
) -> Select[Any]:
    """Return a segment of the page of several lists, given each one's, ordered and limited.

    `keys` are their rows' places in the first order. The pages name the places of a row `o0`, `o1`
    and so on. The first list is the long one: of the others nothing is read that is beyond the end of
    its page.
    """
    first = pages[0].cte("first_part").prefix_with("MATERIALIZED", dialect="postgresql")
    others = list(pages[1:])
    if segment in WITHOUT_NULLS:
        others = [
            page.where(_within(key, first.c.o0, order[0], limit))
            for page, key in zip(others, keys[1:], strict=True)
        ]
    every = union_all(select(first), *(select(page.subquery()) for page in others)).subquery()
    places = [every.c[f"o{place}"] for place in range(len(order))]
    ordered = (
        place.desc() if each.descending else place.asc()
        for place, each in zip(places, order, strict=True)
    )
    return select(every).order_by(*ordered).limit(limit)


def _within(
    key: ColumnElement[Any], place: ColumnElement[Any], order: Order, limit: int
) -> ColumnElement[bool]:
    """Rows up to the last place of a full page; all rows if it is not full."""
    if not isinstance(key.type, Text):
        return true()
    full = func.count() == literal(limit)
    if order.descending:
        least = select(case((full, func.min(place)), else_="")).select_from(place.table)
        return key >= least.scalar_subquery()
    last = select(case((full, func.max(place)), else_=_LAST)).select_from(place.table)
    return key <= last.scalar_subquery()
