"""Which events had happened, and had been told, at an instant."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, case, literal_column, tuple_


def not_after(
    moment: ColumnElement[datetime], instant: ColumnElement[datetime]
) -> ColumnElement[bool]:
    """Tell whether `moment` is `instant` or before.

    As rows: beside the start of a period a plain comparison is a range, and of a range whose bounds it
    does not know the planner expects hardly a row, so that it would sort what an index has in order.
    """
    one: ColumnElement[int] = literal_column("0")
    return tuple_(moment, one) <= tuple_(instant, one)


def was_told(table: Table, instant: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Tell whether a version of an event was what was known at `instant`.

    Nearly all of those that had happened are. The planner takes two comparisons for a ninth of them,
    one CASE for half.
    """
    return case((table.c.collected_at <= instant, table.c.valid_until > instant), else_=False)
