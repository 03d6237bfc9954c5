"""All objects of an instant, to be counted: from an index of all versions, without the rows themselves.

An order of ids would pass by all versions of each object. Here each class of stays (see
schema.stays) is one range of the index.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Interval,
    Select,
    SmallInteger,
    Table,
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
    listed = values(column("stay", SmallInteger), column("less_than", Interval), name="stays")
    stays = listed.data(list(STAYS))
    # Said before the join: a difference that it would have to find might leak, below a policy.
    since = func.coalesce(instant - stays.c.less_than, NEVER).label("since")
    classes = select(stays.c.stay, since).cte().prefix_with("MATERIALIZED", dialect="postgresql")
    began, ended = table.c.valid_from, table.c.valid_until
    # OFFSET keeps it a range a class, which a join of all classes with all versions would not be.
    each = (
        select(*columns)
        .where(
            *of_tenant,
            table.c.stay == classes.c.stay,
            began > classes.c.since,
            began <= instant,
            ended > instant,
        )
        .offset(0)
        .lateral()
    )
    return select(*each.c).select_from(classes.join(each, true()))
