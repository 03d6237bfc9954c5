"""Keyset paging: the rows after a position in any order, over nulls and ties, by index where possible.

PostgreSQL sorts null above every value. A condition such as `a > x OR a IS NULL` cannot start an
index scan, so a page is read in up to two segments: one where the first order column is null and
one where it is not.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, or_, tuple_

from shared.core.query import ColumnTotal, Order, ReportPage, ReportQuery, Value
from shared.store.answers.conditions import FilterColumn, parameter

type Segment = Literal["all", "after_value", "after_null", "nulls", "values"]

# Those in which the first order column has a value in every row.
WITHOUT_NULLS: tuple[Segment, ...] = ("after_value", "values")


def segments(
    order: Sequence[Order], after: Sequence[Value] | None, *, nullable: bool, parted: bool = False
) -> list[Segment]:
    """Return the segments to read in turn until the page is full.

    `nullable` says whether the first order column can be null, `parted` whether rows with and
    without a value are read apart from the first page on.
    """
    descending = order[0].descending
    if after is None and parted and not nullable:
        return ["values"]
    if after is None and parted:
        return ["nulls", "values"] if descending else ["values", "nulls"]
    if after is None:
        return ["all"]
    if after[0] is None:
        return ["after_null", "values"] if descending else ["after_null"]
    return ["after_value", "nulls"] if nullable and not descending else ["after_value"]


def position_values(after: Sequence[Value]) -> list[Value]:
    """Return the parameter values of a position, in the order `segment_sql` names them."""
    return [value for value in after if value is not None]


def segment_sql(
    segment: Segment,
    order: Sequence[Order],
    columns: Sequence[FilterColumn],
    after: Sequence[Value] | None,
    names: Iterator[str],
    never_null: Collection[str],
) -> ColumnElement[bool] | None:
    """Return the condition of a segment, None for everything; `never_null` are columns."""
    first = columns[0].place
    if segment in ("nulls", "values"):
        return first.is_(None) if segment == "nulls" else first.is_not(None)
    if segment == "all" or after is None:
        return None
    position: list[ColumnElement[Any] | None] = [
        None if value is None else parameter(next(names), value) for value in after
    ]
    keys = [column.place for column in columns]
    if segment == "after_null":
        return and_(first.is_(None), _beyond(order[1:], keys[1:], position[1:]))
    start = position[0]
    if _is_one_place(order, after, never_null):
        # One comparison of rows: the planner thinks of it as of one condition, where two that say
        # the same twice look so rare that it makes a plan for each page anew.
        here, there = tuple_(*keys), tuple_(*position)
        return here < there if order[0].descending else here > there
    # Implied by the rest, but this is what an index scan can start at.
    bound = first <= start if order[0].descending else first >= start
    return and_(bound, _beyond(order, keys, position))


def _is_one_place(
    order: Sequence[Order], after: Sequence[Value], never_null: Collection[str]
) -> bool:
    """Tell whether all columns go one way, and none but the first can be null."""
    one_way = len({each.descending for each in order}) == 1
    known = all(each.column in never_null for each in order[1:])
    return one_way and known and None not in after


def _beyond(
    order: Sequence[Order],
    keys: Sequence[ColumnElement[Any]],
    position: Sequence[ColumnElement[Any] | None],
) -> ColumnElement[bool]:
    """Rows strictly after `position` in the lexical order of `keys`."""
    if not order:
        return false()
    key, value = keys[0], position[0]
    rest = _beyond(order[1:], keys[1:], position[1:])
    if value is None:
        same = and_(key.is_(None), rest)
        return or_(key.is_not(None), same) if order[0].descending else same
    if order[0].descending:
        return or_(key < value, and_(key == value, rest))
    return or_(key > value, key.is_(None), and_(key == value, rest))


def page_of(
    question: ReportQuery,
    found: list[tuple[object, ...]],
    total: int | None,
    totals: tuple[ColumnTotal, ...] | None,
) -> ReportPage:
    """Return the rows that were found as a page; one more than asked for tells that a next one begins there."""
    width = len(question.columns)
    rows = found[: question.top]
    more = len(found) > question.top
    return ReportPage(
        columns=question.columns,
        rows=[row[:width] for row in rows],
        next=rows[-1][width:] if more else None,
        total=total,
        totals=totals,
    )
