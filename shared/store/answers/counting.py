"""All objects of an instant, to be counted: from an index of all versions, without the rows themselves.

An order of ids would pass by all versions of each object. Here each class of stays (see
schema.stays) is one range of the index.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Interval,
    Select,
    SmallInteger,
    Subquery,
    Table,
    and_,
    column,
    func,
    select,
    true,
    values,
)

from shared.store.schema.predicates import NEVER, found_by_stay, is_current
from shared.store.schema.stays import OPEN, STAYS


def every_object(
    table: Table,
    columns: list[Column[Any]],
    tenant: ColumnElement[UUID],
    instant: ColumnElement[datetime] | None,
) -> Select[Any]:
    """Select `columns` of what was valid at an instant, or is now (None)."""
    of_tenant = (table.c.tenant_id == tenant, found_by_stay(table))
    if instant is None:
        return select(*columns).where(*of_tenant, table.c.stay == OPEN, is_current(table))
    classes, began = _classes(instant, STAYS), table.c.valid_from
    # OFFSET keeps it a range a class, which a join of all classes with all versions would not be.
    each = (
        select(*columns)
        .where(
            *of_tenant,
            table.c.stay == classes.c.stay,
            began > classes.c.since,
            began <= instant,
            table.c.valid_until > instant,
        )
        .offset(0)
        .lateral()
    )
    return select(*each.c).select_from(classes.join(each, true()))


def objects_gone(
    table: Table,
    tenant: ColumnElement[UUID],
    since: ColumnElement[datetime],
    instant: ColumnElement[datetime] | None,
) -> Subquery:
    """Select `id` and `gone_at` of what ended after `since` and is not valid at an instant, or now (None)."""
    classes = _classes(since, [stay for stay in STAYS if stay[0] != OPEN])
    began, ended = table.c.valid_from, table.c.valid_until
    within = ended > since if instant is None else and_(ended > since, ended <= instant)
    each = (
        select(table.c.id, ended)
        .where(
            table.c.tenant_id == tenant,
            found_by_stay(table),
            table.c.stay == classes.c.stay,
            began > classes.c.since,
            within,
        )
        .offset(0)
        .lateral()
    )
    last = func.max(each.c.valid_until).label("gone_at")
    gone = select(each.c.id, last).select_from(classes.join(each, true())).group_by(each.c.id)
    old, there = gone.subquery(), every_object(table, [table.c.id], tenant, instant).subquery()
    # A full join is never made row by row, as one with hardly a row of the past would be.
    both = old.join(there, there.c.id == old.c.id, full=True)
    return select(old.c.id, old.c.gone_at).select_from(both).where(there.c.id.is_(None)).subquery()


def _classes(
    instant: ColumnElement[datetime], stays: Sequence[tuple[int, timedelta | None]]
) -> CTE:
    """Return each class with when the oldest version of it began that was valid at an instant."""
    listed = values(column("stay", SmallInteger), column("less_than", Interval), name="stays")
    each = listed.data(list(stays)).c
    # Said before the join: a difference that it would have to find might leak, below a policy.
    since = func.coalesce(instant - each.less_than, NEVER).label("since")
    return select(each.stay, since).cte().prefix_with("MATERIALIZED", dialect="postgresql")
