"""How many of those who are licensed for a service use it; `m365` is any of the four services.

One row with columns for each service: `<service>_total` and the like.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    case,
    cast,
    func,
    or_,
    select,
)

_SERVICES = ("exchange", "onedrive", "sharepoint", "teams")
_DAYS = 30


def licensed_use(usage: FromClause) -> Subquery:
    """Return of the users of `active_users` who are not deleted the licensed (`_total`), of them those
    who used it in 30 days (`_active`) and the newest day of use (`_last`), and `report_date`.
    """
    row = usage.c
    licensed: dict[str, ColumnElement[bool]] = {
        name: func.coalesce(row[f"has_{name}_license"], False) for name in _SERVICES
    }
    days: dict[str, ColumnElement[date]] = {
        name: case((held, _happened(usage, f"{name}_last_activity_date")))
        for name, held in licensed.items()
    }
    licensed["m365"], days["m365"] = or_(*licensed.values()), func.greatest(*days.values())
    figures: list[ColumnElement[Any]] = []
    for name, held in licensed.items():
        day = days[name]
        figures += [
            _known(func.count().filter(held)).label(f"{name}_total"),
            _known(func.count().filter(day > row.report_date - _DAYS)).label(f"{name}_active"),
            func.max(day).label(f"{name}_last"),
        ]
    exists = func.coalesce(row.is_deleted, False).is_(False)
    newest = func.max(row.report_date).label("report_date")
    return select(newest, *figures).where(exists).subquery()


def app_use(usage: FromClause) -> Subquery:
    """Return the same of the apps, `apps_total` and so on: their report has whoever is licensed."""
    row, day = usage.c, _happened(usage, "last_activity_date")
    recent = func.count().filter(day > row.report_date - _DAYS)
    return select(
        _known(func.count()).label("apps_total"),
        _known(recent).label("apps_active"),
        func.max(day).label("apps_last"),
        func.max(row.report_date).label("report_date"),
    ).subquery()


def published_use(counts: FromClause) -> Subquery:
    """Return what Microsoft counts itself for 30 days: `_active` and `_inactive`, and `report_date`."""
    row = counts.c
    ids = {**{name: name for name in _SERVICES}, "m365": "office_365"}
    figures = [
        func.max(row[f"{told}_{state}"]).label(f"{name}_{state}")
        for name, told in ids.items()
        for state in ("active", "inactive")
    ]
    newest = func.max(row.report_date).label("report_date")
    return select(newest, *figures).where(row.report_period == _DAYS).subquery()


def _happened(usage: FromClause, name: str) -> ColumnElement[date]:
    """A day more than the date of the file is the turn of the date line; more has not happened yet."""
    day = usage.c[name]
    return case((day <= usage.c.report_date + 1, day))


def _known(count: ColumnElement[int]) -> ColumnElement[int]:
    """Null without a file."""
    return cast(case((func.count() > 0, count)), BigInteger)
