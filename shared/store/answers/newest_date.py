"""The newest report date of a measure that was known at an instant."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Table, cast, func, select, type_coerce

from shared.store.schema.predicates import found_by_value, valid_at


def newest_date(
    table: Table, tenant: ColumnElement[UUID], instant: ColumnElement[datetime]
) -> ColumnElement[date]:
    """Return the newest date of which a row of `tenant` was valid at `instant`, null if there is none.

    The dates are tried one by one, back from the instant's: a probe of the index finds the next, a
    second one whether anything of it was known. The newest of all valid rows would be found by reading
    all rows of the dates that came later. No date is told of more than a day before it begins in
    Greenwich.
    """
    known, before, seen = table.alias(), table.alias(), table.alias()
    day_after = type_coerce(cast(func.timezone("UTC", instant), Date()) + 1, Date())
    days = (
        select(func.max(known.c.report_date).label("day"))
        .where(known.c.tenant_id == tenant, known.c.report_date <= day_after, found_by_value(known))
        .cte(recursive=True)
    )
    of_day = (seen.c.tenant_id == tenant, seen.c.report_date == days.c.day)
    # OFFSET keeps it a probe, which a join of all days with all rows would not be.
    anything = (
        select(seen.c.report_date)
        .where(*of_day, found_by_value(seen), valid_at(seen, instant))
        .offset(0)
        .exists()
    )
    earlier = (
        select(func.max(before.c.report_date))
        .where(
            before.c.tenant_id == tenant,
            before.c.report_date < days.c.day,
            found_by_value(before),
        )
        .scalar_subquery()
    )
    days = days.union_all(select(earlier).where(days.c.day.is_not(None), ~anything))
    last = select(days.c.day).order_by(days.c.day.asc().nulls_first()).limit(1)
    return last.scalar_subquery()
