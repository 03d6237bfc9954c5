"""Derives the PostgreSQL table of a dataset from its collector; its indexes are `dataset_indexes`.

Entities and measures are system-versioned: a row is one version, `valid_to` is null for the current
one, and measures have the report date in their key, so that a corrected report keeps what was known
before. Events are partitioned by month of their event time; one that came again with other content is a
new version too: `collected_at` is when it was first told so, `valid_to` when that was replaced.
`valid_until` is `valid_to` with infinity for null: one range of an index then holds what was valid at
an instant, be it past or now.
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
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from shared.core.collector import Collector, ColumnType, collated
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
    if collector.parent is not None:
        table.append_column(Column("parent_id", Text(collation=COLLATION), nullable=False))
    _append_declared(table, collector)
    if collector.shape != "measure" and any(column.counted for column in collector.columns):
        table.append_column(stay_column())
    return table


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
