"""What a report may read of how Microsoft Graph answered Kanri."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Interval,
    Subquery,
    Text,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import JSONB


def answers(
    services: Mapping[str, Sequence[str]],
    tenant: ColumnElement[UUID],
    ended: ColumnElement[datetime],
) -> FromClause:
    """Return how Graph answered in the 24 hours before an instant, a row a subject of `services`."""
    each = _told(services, tenant, ended)
    failed = func.sum(cast(each.c.value["failed"].astext, BigInteger)).label("failed")
    failures = select(each.c.subject, failed).group_by(each.c.subject).subquery()
    times, subject = _times(each), failures.c.subject
    requests = func.coalesce(times.c.number, 0) + failures.c.failed
    return (
        select(
            subject,
            cast(requests, BigInteger).label("requests"),
            cast(failures.c.failed, BigInteger).label("failed"),
            times.c.median_ms,
        )
        .select_from(failures.outerjoin(times, times.c.subject == subject))
        .subquery()
    )


def _told(
    services: Mapping[str, Sequence[str]],
    tenant: ColumnElement[UUID],
    ended: ColumnElement[datetime],
) -> CTE:
    """A row for each part of a run and service that it asked: `subject` and what was counted, `value`."""
    pairs = [(subject, service) for subject, named in services.items() for service in named]
    of = values(column("subject", Text), column("service", Text), name="of").data(pairs)
    from shared.store.registers.graph_answers import GRAPH_ANSWERS

    kept, day = GRAPH_ANSWERS.alias(), literal_column("INTERVAL '24 hours'", Interval())
    told = func.jsonb_each(kept.c.content).table_valued("key", column("value", JSONB), name="told")
    within = (kept.c.ended_at > ended - day) & (kept.c.ended_at <= ended)
    source = kept.join(told, true()).join(of, of.c.service == told.c.key)
    rows = select(of.c.subject, told.c.value).select_from(source)
    return rows.where(kept.c.tenant_id == tenant, within).cte("answered", nesting=True)


def _times(each: CTE) -> Subquery:
    """Return by subject the `number` of answers and their `median_ms`, as `core.latency` tells it.

    That is the upper edge of the first bucket up to which half of all answers lie.
    """
    buckets = func.jsonb_array_elements(each.c.value["buckets"])
    pair = buckets.table_valued(column("value", JSONB), name="pair").c.value
    bucket = cast(pair[0].astext, Integer).label("bucket")
    number = func.sum(cast(pair[1].astext, BigInteger)).label("number")
    rows = select(each.c.subject, bucket, number).join(pair.table, true())
    counted = rows.group_by(each.c.subject, bucket).subquery()
    of = counted.c
    whole = func.sum(of.number).over(partition_by=of.subject).label("whole")
    so_far = func.sum(of.number).over(partition_by=of.subject, order_by=of.bucket).label("so_far")
    ranked = select(of.subject, of.bucket, whole, so_far).subquery().c
    middle = func.min(ranked.bucket).filter(ranked.so_far * 2 >= ranked.whole)
    median: ColumnElement[float] = cast(func.power(2.0, (middle + 1) / 8.0), Double())
    all_of_it = func.max(ranked.whole).label("number")
    return (
        select(ranked.subject, all_of_it, median.label("median_ms"))
        .group_by(ranked.subject)
        .subquery()
    )
