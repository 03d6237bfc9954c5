"""The stretch of time and the tenants that figures are asked for, as parameters of their statements.

Row-level security lets the operator's session see the own tables of every tenant; which of them a
caller may see the statement itself has to say, with `of_tenants`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared.core.window import Window
from shared.store.schema.metadata import INSTANT

type Instants = ColumnElement[datetime]

FROM: Instants = bindparam("stretch_from", None, type_=INSTANT)
TO: Instants = bindparam("stretch_to", None, type_=INSTANT)
# When the stretch of the same length that came before began.
BEFORE: Instants = bindparam("stretch_before", None, type_=INSTANT)
_UNIT: ColumnElement[str] = bindparam("stretch_unit", None, type_=Text())
_ZONE: ColumnElement[str] = bindparam("stretch_zone", None, type_=Text())
_TENANTS: ColumnElement[Any] = bindparam("stretch_tenants", None, type_=ARRAY(Uuid()))

_HOUR = literal_column("INTERVAL '1 hour'", Interval())
_DAY = literal_column("INTERVAL '1 day'", Interval())


def of_tenants(tenant: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether the tenant is one of those asked about."""
    return tenant == any_(_TENANTS)


def each_tenant() -> ColumnElement[Any]:
    """Return the tenants asked about as rows, for a FROM."""
    return func.unnest(_TENANTS).column_valued("asked_tenant")


def within(moment: Instants, begins: Instants = FROM) -> ColumnElement[bool]:
    """Tell whether `moment` lies in the stretch."""
    return and_(moment >= begins, moment < TO)


def bucket_of(moment: Instants) -> Instants:
    """Return when the bucket began that `moment` lies in."""
    return func.date_trunc(_UNIT, moment, _ZONE, type_=INSTANT)


def is_whole(start: Instants) -> ColumnElement[bool]:
    """Tell whether the whole bucket lies in the stretch: else its figures are those of a part.

    A day is one of the zone's calendar, an hour always 60 minutes.
    """
    next_day = func.timezone(_ZONE, func.timezone(_ZONE, start) + _DAY, type_=INSTANT)
    ends = case((_UNIT == "hour", start + _HOUR), else_=next_day)
    return and_(start >= FROM, ends <= TO)


def values_of(window: Window, tenants: Collection[UUID]) -> Mapping[str, object]:
    """Return the values of the parameters."""
    return {
        "stretch_from": window.begins,
        "stretch_to": window.ends,
        "stretch_before": window.before,
        "stretch_unit": window.unit,
        "stretch_zone": window.zone,
        "stretch_tenants": list(tenants),
    }
