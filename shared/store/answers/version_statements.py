"""Writes the SQL that finds the versions of one object, as somebody sees them."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Interval,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP, distinct_on

from shared.core.collector import Collector
from shared.core.object_history import hiding_of
from shared.store.answers.masked_columns import pseudonym
from shared.store.schema.predicates import (
    found_by_key,
    found_by_value,
    is_current,
    known_since,
    of_any_time,
)
from shared.store.session.statements import Statement, compiled
from shared.store.session.value_types import in_type
from shared.store.work.ledger import LEDGER

# The parameters, beside the key of pseudonyms.
TENANT, OBJECT, DATASET = "tenant_id", "object_id", "dataset"
AFTER_DAY, AFTER, LIMIT = "after_day", "after", "most"
# What is no measure has one place in the order of days.
_NO_DAY = literal_column("'-infinity'::date", Date())
_FOREVER = literal_column("'infinity'::timestamptz", TIMESTAMP(timezone=True))

type _Over = dict[str, Any]


@cache
def version_sql(table: Table, collector: Collector, *, masked: bool, onward: bool) -> Statement:
    """Return the SQL of the newest versions, or of those before a place (`onward`), newest first.

    It selects what `object_history.SeenVersion` has, then the columns of the dataset.
    """
    # The table is part of the key because equality of collectors leaves out which dataset it is.
    names = [f"c{place}" for place in range(len(collector.columns))]
    versions = _beside_each_other(_as_seen(_all(table, collector, names, masked=masked), names))
    told = versions.c
    last_seen = (
        (_last_seen(told.since, told.until), _last_seen(told.last, told.end))
        if collector.shape == "entity"
        else (told.since, told.last)
    )
    query = select(
        case((told.day != _NO_DAY, told.day)),
        told.since,
        case((told.until != _FOREVER, told.until)),
        told.former,
        told.following,
        told.first,
        case((told.end != _FOREVER, told.end)),
        *last_seen,
        told.raw,
        *(
            in_type(told[name], column.type)
            for name, column in zip(names, collector.columns, strict=True)
        ),
    )
    if onward:
        day_after = bindparam(AFTER_DAY, None, type_=Date())
        day_or_none = case((day_after == date.min, _NO_DAY), else_=day_after)
        query = query.where(tuple_(told.day, told.since) < tuple_(day_or_none, _instant(AFTER)))
    query = query.order_by(told.day.desc(), told.since.desc())
    return compiled(query.limit(bindparam(LIMIT, None, type_=Integer())))


def _all(table: Table, collector: Collector, names: Sequence[str], *, masked: bool) -> FromClause:
    """All versions, each column as it is shown."""
    shown = [_shown(table.c[one.name], collector, masked=masked) for one in collector.columns]
    raw = null() if masked else table.c.raw
    columns = (value.label(name) for name, value in zip(names, shown, strict=True))
    rows = _rows(table, collector)
    return rows.add_columns(cast(raw, table.c.raw.type).label("raw"), *columns).subquery()


def _beside_each_other(seen: FromClause) -> FromClause:
    """Each version with the end of the one before and the beginning of the one after, and the object's."""
    since, until = seen.c.since, seen.c.until
    of_day: _Over = {"partition_by": seen.c.day, "order_by": since}
    return select(
        seen,
        func.lag(until).over(**of_day).label("former"),
        func.lead(since).over(**of_day).label("following"),
        func.min(since).over().label("first"),
        func.max(since).over().label("last"),
        func.max(until).over().label("end"),
    ).subquery()


def _shown(column: Column[Any], collector: Collector, *, masked: bool) -> ColumnElement[Any]:
    declared = next(one for one in collector.columns if one.name == column.name)
    hiding = hiding_of(declared) if masked else None
    if hiding is None:
        return column
    return pseudonym(func.lower(column.collate("default"))) if hiding == "pseudonym" else null()


def _rows(table: Table, collector: Collector) -> Select[Any]:
    """Select day, beginning and end of all versions of the object, each found by an index."""
    began = table.c[known_since(collector)].label("since")
    if collector.shape == "entity":
        of_object = and_(table.c.tenant_id == _tenant(), table.c.id == _object())
        found = select(_NO_DAY.label("day"), began, table.c.valid_until.label("until"))
        return found.where(of_object, found_by_key(table), of_any_time(table))
    if collector.shape == "measure":
        return _measured(table, began)
    return _told(table, collector, began)


def _measured(table: Table, began: ColumnElement[Any]) -> Select[Any]:
    """The versions of each day between the first and the last that the tenant has: a probe each."""
    dated = table.alias()
    of_tenant = (dated.c.tenant_id == _tenant(), found_by_value(dated))
    bounds = (
        select(
            func.min(dated.c.report_date).label("low"), func.max(dated.c.report_date).label("high")
        )
        .where(*of_tenant)
        .subquery()
    )
    one_day = literal_column("INTERVAL '1 day'", Interval())
    every = func.generate_series(bounds.c.low, bounds.c.high, one_day)
    days = select(cast(every, Date()).label("day")).cte()
    day = days.prefix_with("MATERIALIZED", dialect="postgresql")
    return (
        select(day.c.day, began, table.c.valid_until.label("until"))
        .select_from(day.join(table, true()))
        .where(
            table.c.tenant_id == _tenant(),
            table.c.report_date == day.c.day,
            table.c.id == _object(),
            found_by_key(table),
            of_any_time(table),
        )
    )


def _told(table: Table, collector: Collector, began: ColumnElement[Any]) -> Select[Any]:
    """What was told of an event; its time may have been an earlier one before, by a month at most."""
    now, time = table.alias(), collector.event_time or ""
    happened = (
        select(now.c[time].label("at"))
        .where(
            now.c.tenant_id == _tenant(),
            now.c.id == _object(),
            is_current(now),
            found_by_key(now),
        )
        .cte()
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    month = literal_column("INTERVAL '1 month'", Interval())
    first = func.date_trunc(literal("month", Text()), happened.c.at, literal("UTC", Text())) - month
    own_time = table.c[time]
    return (
        select(_NO_DAY.label("day"), began, table.c.valid_until.label("until"))
        .select_from(happened.join(table, true()))
        .where(
            table.c.tenant_id == _tenant(),
            own_time >= first,
            own_time <= happened.c.at,
            table.c.id == _object(),
            found_by_value(table),
        )
    )


def _as_seen(rows: FromClause, names: Sequence[str]) -> FromClause:
    """Make one of versions that follow each other and look the same."""
    by_time: _Over = {"partition_by": rows.c.day, "order_by": rows.c.since}
    all_seen = func.row(*(rows.c[name] for name in names), rows.c.raw)
    before = func.lag(all_seen).over(**by_time)
    ended = func.lag(rows.c.until).over(**by_time)
    same = and_(ended == rows.c.since, all_seen.is_not_distinct_from(before))
    marked = select(rows, case((same, 0), else_=1).label("begins")).subquery()
    of_day: _Over = {"partition_by": marked.c.day, "order_by": marked.c.since}
    number = func.sum(marked.c.begins).over(**of_day).label("number")
    numbered = select(marked, number).subquery()
    run: _Over = {"partition_by": (numbered.c.day, numbered.c.number)}
    columns = [numbered.c[name] for name in names]
    return (
        select(
            numbered.c.day,
            func.min(numbered.c.since).over(**run).label("since"),
            numbered.c.until,
            numbered.c.raw,
            *columns,
        )
        .ext(distinct_on(numbered.c.day, numbered.c.number))
        .order_by(numbered.c.day, numbered.c.number, numbered.c.since.desc())
        .subquery()
    )


def _last_seen(
    since: ColumnElement[datetime], until: ColumnElement[datetime]
) -> ColumnElement[datetime]:
    """When the dataset was last read to its end while the version held: it was among what was told."""
    ran = LEDGER.alias().c
    complete = (
        select(ran.complete_at)
        .where(
            ran.tenant_id == _tenant(),
            ran.kind == literal_column("'collect'"),
            ran.subject == bindparam(DATASET, None, type_=Text()),
            ran.complete_at.is_not(None),
            ran.finished_at < until,
        )
        .order_by(ran.finished_at.desc(), ran.run_id.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    return func.greatest(since, complete)


def _tenant() -> BindParameter[UUID]:
    return bindparam(TENANT, None, type_=Uuid())


def _object() -> BindParameter[str]:
    return bindparam(OBJECT, None, type_=Text())


def _instant(name: str) -> ColumnElement[datetime]:
    return type_coerce(
        bindparam(name, None, type_=TIMESTAMP(timezone=True)), TIMESTAMP(timezone=True)
    )
