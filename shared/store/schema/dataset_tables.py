"""Derives the PostgreSQL table of a dataset from its collector: columns, keys and indexes.

Entities and measures are system-versioned: a row is one version, `valid_to` is null for the current
one, and measures have the report date in their key, so that a corrected report keeps what was known
before. Events are partitioned by month of their event time; one that came again with other content is a
new version too: `collected_at` is when it was first told so, `valid_to` when that was replaced.
`valid_until` is `valid_to` with infinity for null: one range of an index then holds what was valid at
an instant, be it past or now.

An index that gives an order or finds a group holds all versions, the span of each in the key behind what
it orders by: PostgreSQL passes by the other versions of an object within the index, next to each other,
and visits the rows of one instant only. Apart, the present and the past would have to be merged, and
where one of them has nothing for the instant, all of it is read to learn that.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    Double,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    and_,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from shared.core import collector as declared
from shared.core.collector import Collector, ColumnType, collated
from shared.store.schema.predicates import (
    found_by_key,
    found_by_stay,
    found_by_value,
    is_current,
    of_any_time,
)
from shared.store.schema.stays import stay_column

SCHEMA = "data"
# Partitions live apart, where neither role may look: all access goes through the parent's policy.
PARTITION_SCHEMA = "data_parts"

# Byte order: the same on every server, index-friendly, and its comparisons are leakproof.
COLLATION = "C"

RESERVED = frozenset(
    {
        "tenant_id",
        "id",
        "parent_id",
        "report_date",
        "valid_from",
        "valid_to",
        "valid_until",
        "stay",
        "collected_at",
        "content_hash",
        "raw",
    }
)


def column_type(kind: ColumnType) -> TypeEngine[Any]:
    """Return the SQL type that stores a declared column type."""
    types: dict[ColumnType, TypeEngine[Any]] = {
        "text": Text(collation=COLLATION),
        "bool": Boolean(),
        "int": BigInteger(),
        "float": Double(),
        "timestamp": TIMESTAMP(timezone=True),
        "date": Date(),
        "json": JSONB(),
    }
    return types[kind]


def dataset_table(collector: Collector) -> Table:
    """Return the table of `collector`; ValueError if a column takes a name of ours."""
    return _table(collector.dataset, collector)


@cache
def _table(dataset: str, collector: Collector) -> Table:
    # `dataset` is part of the key because equality of collectors leaves it out.
    taken = RESERVED.intersection(column.name for column in collector.columns)
    if taken:
        raise ValueError(f"{dataset}: the column names {sorted(taken)} are taken")
    if collector.shape == "event":
        return _event_table(dataset, collector)
    return _versioned_table(dataset, collector)


def _versioned_table(dataset: str, collector: Collector) -> Table:
    key = ["tenant_id", "id"]
    table = Table(
        dataset,
        MetaData(schema=SCHEMA),
        Column("tenant_id", Uuid, nullable=False),
        Column("id", Text(collation=COLLATION), nullable=False),
        Column("valid_from", TIMESTAMP(timezone=True), nullable=False),
        Column("valid_to", TIMESTAMP(timezone=True)),
        _valid_until(),
        Column("content_hash", LargeBinary, nullable=False),
    )
    if collector.shape == "measure":
        table.append_column(Column("report_date", Date, nullable=False))
        key.insert(1, "report_date")
    if collector.parent is not None:
        table.append_column(Column("parent_id", Text(collation=COLLATION), nullable=False))
    _append_declared(table, collector)

    current = and_(is_current(table), found_by_key(table))
    keys, span = [table.c[name] for name in key], (table.c.valid_until, table.c.valid_from)
    Index(f"{dataset}_current", *keys, unique=True, postgresql_where=current)
    of_a_key = and_(of_any_time(table), found_by_key(table))
    Index(f"{dataset}_versions", *keys, *span, unique=True, postgresql_where=of_a_key)
    by_value = found_by_value(table)
    if collector.parent is not None:
        parent = (table.c.tenant_id, table.c.parent_id)
        Index(f"{dataset}_parent", *parent, *span, postgresql_where=by_value)
    _index_counted(table, collector)
    for column in collector.columns:
        _index_search(table, column)
    return table


def _index_counted(table: Table, collector: Collector) -> None:
    """Index what is counted over all objects, its columns included: no row is visited for it."""
    owner, span = table.c.tenant_id, (table.c.valid_from, table.c.valid_until)
    counted = [column.name for column in collector.columns if column.counted]
    if collector.shape == "measure":
        # Tells the newest date that was known at an instant, too.
        name, keys = f"{table.name}_dates", (owner, table.c.report_date, *span)
        by_value = found_by_value(table)
        Index(name, *keys, postgresql_include=counted, postgresql_where=by_value)
    elif counted:
        table.append_column(stay_column())
        name, keys = f"{table.name}_stays", (owner, table.c.stay, *span)
        by_stay, included = found_by_stay(table), ["id", *counted]
        Index(name, *keys, postgresql_include=included, postgresql_where=by_stay)


def _event_table(dataset: str, collector: Collector) -> Table:
    if collector.event_time is None:
        raise ValueError(f"{dataset}: an event needs an event_time")
    table = Table(
        dataset,
        MetaData(schema=SCHEMA),
        Column("tenant_id", Uuid, nullable=False),
        Column("id", Text(collation=COLLATION), nullable=False),
        Column("collected_at", TIMESTAMP(timezone=True), nullable=False),
        Column("valid_to", TIMESTAMP(timezone=True)),
        _valid_until(),
        Column("content_hash", LargeBinary, nullable=False),
        postgresql_partition_by=f'RANGE ("{collector.event_time}")',
    )
    if collector.parent is not None:
        table.append_column(Column("parent_id", Text(collation=COLLATION), nullable=False))
    _append_declared(table, collector)
    table.c[collector.event_time].nullable = False
    # An event is found again by its id: its time may have changed. Reports go by time.
    owner, event, time = table.c.tenant_id, table.c.id, table.c[collector.event_time]
    current = and_(is_current(table), found_by_key(table))
    Index(f"{dataset}_current", owner, event, time, unique=True, postgresql_where=current)
    told, by_value = (owner, time, event, table.c.collected_at), found_by_value(table)
    Index(f"{dataset}_time", *told, unique=True, postgresql_where=by_value)
    if collector.parent is not None:
        Index(f"{dataset}_parent", owner, table.c.parent_id, time, postgresql_where=by_value)
    for column in collector.columns:
        if column.search is not None:
            searched = table.c[folded(column.name) if column.folded else column.name]
            keys = (table.c.tenant_id, searched, table.c[collector.event_time])
            Index(f"{dataset}_{column.name}", *keys, postgresql_where=found_by_value(table))
    return table


def _valid_until() -> Column[datetime]:
    end = "CASE WHEN valid_to IS NULL THEN 'infinity' ELSE valid_to END"
    return Column("valid_until", TIMESTAMP(timezone=True), Computed(end, persisted=True))


def folded(name: str) -> str:
    """Return the name of the column that holds `name` without letter case."""
    return f"{name}_folded"


def _append_declared(table: Table, collector: Collector) -> None:
    for column in collector.columns:
        table.append_column(Column(column.name, column_type(column.type)))
        if column.folded:
            # Stored, because a function of a column finds no index below a policy: it might leak.
            lower = Computed(f'lower("{column.name}" COLLATE "default")', persisted=True)
            table.append_column(Column(folded(column.name), column_type("text"), lower))
        if column.collated:
            table.append_column(Column(collated(column.name), column_type("text")))
    table.append_column(Column("raw", JSONB, nullable=False))


def _index_search(table: Table, column: declared.Column) -> None:
    if column.search is None:
        return
    name, by_value = f"{table.name}_{column.name}", found_by_value(table)
    searched = table.c[folded(column.name) if column.folded else column.name]
    # Serves prefix search, and reports ordered by the column unless they go by its sort key.
    day = [table.c.report_date] if "report_date" in table.c else []
    rest = (table.c.id, table.c.valid_until, table.c.valid_from)
    Index(name, table.c.tenant_id, *day, searched, *rest, postgresql_where=by_value)
    if column.collated:
        place = table.c[collated(column.name)]
        keys = (table.c.tenant_id, *day, place, *rest)
        Index(collated(name), *keys, postgresql_where=by_value)
    if column.search == "substring":
        # The database's own collation, so that letter case beyond ASCII is folded too.
        plain = table.c[column.name].collate("default")
        Index(
            f"{name}_trigrams",
            plain.label("folded"),
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
            postgresql_where=is_current(table),
        )
