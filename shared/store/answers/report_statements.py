"""Writes the SQL of a report question: filter, order, keyset position, only the columns asked for.

Statements are written once per shape of question. Their parameters are `v0..` for the filter's values,
`k0..` for the position's, `s0..` for search patterns and `p_<name>` for the report's own, beside the
tenant, the instant, the limit and the key of pseudonyms.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import count
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Label,
    Select,
    Text,
    any_,
    bindparam,
    case,
    false,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import Column

from shared.core.asked import MAX_TOP
from shared.core.collector import collated
from shared.core.query import Both, Condition, Match, Order, ReportQuery
from shared.core.report import Report
from shared.core.report_parameters import in_force
from shared.store.answers.conditions import (
    TRIGRAM,
    FilterColumn,
    condition_shape,
    condition_sql,
    condition_values,
    escaped,
)
from shared.store.answers.implied import Implied, says_something
from shared.store.answers.keyset import Segment, position_values, segment_sql
from shared.store.answers.masked_columns import masked
from shared.store.answers.parts import page_of_parts, parts_of
from shared.store.answers.sources import PARAMETER, CollectorOf, ReportSources, built
from shared.store.answers.twins import lower_cased, sort_keys
from shared.store.schema.dataset_tables import folded
from shared.store.session.statements import Statement, compiled
from shared.store.session.value_types import in_type

# The limits that statements have: with one the planner knows how little is wanted, so that it keeps
# a plan instead of making one each time; there is a statement for each. A page is cut to its size.
_LIMITS = 26, 101, 301, MAX_TOP + 1


class _Shape(Struct, frozen=True):
    """What decides the SQL text of a page. Equal shapes share it whatever their values."""

    query: Callable[..., Any]
    columns: tuple[str, ...]
    order: tuple[Order, ...]
    where: tuple[object, ...]
    segment: Segment
    after: tuple[type, ...]
    current: bool
    masked: bool
    limit: int | None
    collector_of: CollectorOf


class _Asked(Struct, frozen=True, eq=False):
    """A question whose page is to be written as SQL; those of one shape are equal."""

    shape: _Shape
    report: Report
    question: ReportQuery

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)


def page_sql(
    report: Report,
    question: ReportQuery,
    segment: Segment,
    collector_of: CollectorOf,
    wanted: int | None = None,
) -> Statement:
    """Return the SQL of one segment of a page; it selects the columns, then the order's.

    It finds all rows, or as many as are `wanted` and maybe some more.
    """
    shape = _Shape(
        query=report.query,
        columns=question.columns,
        order=question.order,
        where=condition_shape(question.where),
        segment=segment,
        after=tuple(map(type, question.after or ())),
        current=question.as_of is None,
        masked=question.masked,
        limit=None if wanted is None else next(limit for limit in _LIMITS if limit >= wanted),
        collector_of=collector_of,
    )
    return _page_sql(_Asked(shape, report, question))


def count_sql(report: Report, question: ReportQuery, collector_of: CollectorOf) -> Statement:
    """Return the SQL that counts the rows of all pages."""
    _, filtered = all_rows(report, question, collector_of)
    return compiled(filtered.with_only_columns(func.count(type_=BigInteger)))


def tells_time(query: Callable[..., Select[Any]], collector_of: CollectorOf) -> bool:
    """Tell whether a report's query reads the instant even where the newest rows are asked for."""
    sources, _ = built(query, collector_of, current=True)
    return sources.tells_time


def export(
    report: Report, question: ReportQuery, collector_of: CollectorOf
) -> tuple[dict[str, FilterColumn], Select[Any]]:
    """Return the report's columns and a select over all filtered rows in the question's order."""
    columns, filtered = all_rows(report, question, collector_of)
    return columns, filtered.order_by(*_ordering(question, columns))


def question_values(question: ReportQuery) -> dict[str, object]:
    """Return the parameters that come from the question's filter and position."""
    values = dict(zip(_names("v"), condition_values(question.where), strict=False))
    values |= zip(_names("k"), position_values(question.after or ()), strict=False)
    patterns = (f"%{escaped(match.value)}%" for match in _searches(question.where))
    values |= zip(_names("s"), patterns, strict=False)
    return values


def parameter_values(report: Report, question: ReportQuery) -> dict[str, object]:
    """Return the report's own parameters: those of the question, else the defaults."""
    taken = in_force(report.parameters, question.parameters)
    return {f"{PARAMETER}{name}": value for name, value in taken.items()}


@lru_cache(maxsize=512)
def _page_sql(asked: _Asked) -> Statement:
    shape, report, question = asked.shape, asked.report, asked.question
    sources, query = built(report.query, shape.collector_of, current=shape.current)
    pages, keys = [], []
    parts = [query] if shape.limit is None else parts_of(query)
    for part in parts:
        columns, rows = _framed(report, question, sources, part, query)
        pages.append(_page(asked, columns, rows).limit(shape.limit))
        keys.append(columns[question.order[0].column].place)
    if len(pages) == 1 or shape.limit is None:
        return compiled(pages[0])
    return compiled(page_of_parts(pages, keys, question.order, shape.segment, shape.limit))


def _page(
    asked: _Asked, columns: dict[str, FilterColumn], rows: Select[Any]
) -> Select[tuple[object, ...]]:
    """Select the asked columns as `c0..` and the places in the order as `o0..`."""
    question, segment, never_null = asked.question, asked.shape.segment, asked.report.row_key
    ordering = [columns[order.column] for order in question.order]
    position = segment_sql(
        segment, question.order, ordering, question.after, _names("k"), never_null
    )
    if position is not None:
        rows = rows.where(position)
    chosen = [
        in_type(columns[name].expression, columns[name].type).label(f"c{place}")
        for place, name in enumerate(question.columns)
    ]
    keys = [column.place.label(f"o{place}") for place, column in enumerate(ordering)]
    return rows.with_only_columns(*chosen, *keys).order_by(*_ordering(question, columns))


def all_rows(
    report: Report, question: ReportQuery, collector_of: CollectorOf
) -> tuple[dict[str, FilterColumn], Select[Any]]:
    """Return the report's columns by id, and a select of its filtered rows."""
    sources, query = built(report.query, collector_of, current=question.as_of is None)
    return _framed(report, question, sources, query, query)


def _framed(
    report: Report,
    question: ReportQuery,
    sources: ReportSources,
    query: Select[Any],
    whole: Select[Any],
) -> tuple[dict[str, FilterColumn], Select[Any]]:
    """Frame `query`, a part of `whole` or all of it; it is compared and ordered like the whole."""
    folds, sorts = lower_cased(whole, sources), sort_keys(whole)
    without = {name: twin for name, twin in lower_cased(query, sources).items() if name in folds}
    places = {name: twin for name, twin in sort_keys(query).items() if name in sorts}
    twins = [*without.values(), *places.values()]
    personal = _masked_ids(report, question)
    found = _with_search(query, question, sources, personal)
    found = _narrowed(found, report, question, sources, {*personal, *folds})
    body = found.add_columns(*twins).subquery("r")
    columns = {
        column.id: FilterColumn(
            body.c[column.id],
            column.type,
            body.c[folded(column.id)] if column.id in without else None,
            body.c[collated(column.id)] if column.id in places else None,
        )
        for column in report.columns
    }
    if question.masked:
        columns = masked(report, body, columns)
    rows = select(literal(1)).select_from(body)
    if question.where is not None:
        rows = rows.where(condition_sql(question.where, columns, _names("v")))
    return columns, rows


def _masked_ids(report: Report, question: ReportQuery) -> frozenset[str]:
    """Return the columns whose values the question may not go by."""
    personal = (column.id for column in report.columns if column.personal)
    return frozenset(personal) if question.masked else frozenset()


def _ordering(question: ReportQuery, columns: dict[str, FilterColumn]) -> Iterable[Any]:
    for order in question.order:
        key = columns[order.column].place
        yield key.desc() if order.descending else key.asc()


def _with_search(
    inner: Select[Any], question: ReportQuery, sources: ReportSources, masked: Collection[str]
) -> Select[Any]:
    """Narrow the report's query by the trigram index where a `contains` allows it.

    It must be required of every row (not below `or` or `not`), on a column that the report selects
    as it is from a dataset that has the index. The filter stays in place: this only finds
    candidates, and none by what is `masked`, since the index knows the real values.
    """
    for name, match in zip(_names("s"), _searches(question.where), strict=False):
        source = inner.selected_columns[match.column]
        plain = source.element if isinstance(source, Label) else source
        if not isinstance(plain, Column) or match.column in masked:
            continue
        dataset = sources.datasets.get(plain.table)
        if dataset is None or not sources.has_trigrams(dataset, plain.name):
            continue
        pattern = bindparam(name, None, type_=Text())
        where = literal(dataset, Text()), literal(plain.name, Text())
        candidates = select(func.kanri.search_current(*where, pattern, type_=Text()))
        # As an array the search runs first, once; as a join the planner may well turn it round.
        found = func.array(candidates.scalar_subquery(), type_=ARRAY(Text()))
        inner = inner.where(plain.table.c.id == any_(found))
    return inner


def _narrowed(
    inner: Select[Any],
    report: Report,
    question: ReportQuery,
    sources: ReportSources,
    apart: Collection[str],
) -> Select[Any]:
    """Narrow the report's query by what the filter implies for stored columns.

    Not by what it says of columns that are compared otherwise, `apart`.
    """
    if question.where is None:
        return inner
    types = {column.id: column.type for column in report.columns if column.id not in apart}
    implied = Implied(inner, sources.datasets, types).by(question.where, _names("v"))
    if not says_something(implied):
        return inner
    # The planner would multiply what it guesses of each part, and expect hardly a row of what may be most.
    # Of a case it expects half; one that no row meets, whatever is stored, it still finds out.
    return inner.where(case((implied, true()), else_=false()))


def _searches(condition: Condition | None) -> Iterator[Match]:
    """Yield the `contains` conditions that every row must meet."""
    match condition:
        case Both(left, right):
            yield from _searches(left)
            yield from _searches(right)
        case Match(_, "contains", value) if len(value) >= TRIGRAM:
            yield condition


def _names(prefix: str) -> Iterator[str]:
    return (f"{prefix}{place}" for place in count())
