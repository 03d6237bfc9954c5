"""How the services of Microsoft 365 are used, and how well they are: one row a service."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Numeric,
    Subquery,
    Text,
    Values,
    case,
    cast,
    column,
    func,
    or_,
    select,
    true,
    values,
)

# Each service with its id in Microsoft's list of service health; the whole has the worst of all.
_SERVICES = (
    ("m365", None),
    ("exchange", "Exchange"),
    ("onedrive", "OneDriveForBusiness"),
    ("sharepoint", "SharePoint"),
    ("teams", "microsoftteams"),
)
_STATES = {0: "normal", 1: "warning", 2: "abnormal"}
# https://learn.microsoft.com/en-us/graph/api/resources/servicehealth: what is over, or was nothing.
_GOOD = ("serviceOperational", "falsePositive", "serviceRestored")


def services(*more: str) -> Values:
    """Return a row per service: `id`, and `health`, its id in the list of service health, if it has
    one; and a row for each of `more`."""
    listed = values(column("id", Text), column("health", Text), name="services")
    return listed.data([*_SERVICES, *((name, None) for name in more)])


def beside(each: FromClause, *figures: FromClause) -> FromClause:
    """Return the rows of `each`, each with the one row of every one of `figures`."""
    for one in figures:
        each = each.join(one, true())
    return each


def active_users(usage: FromClause, days: ColumnElement[int]) -> Subquery:
    """Return one row: the date, and per service the users of its last `days`; null without a file."""
    row = usage.c
    first = row.report_date - cast(days, Integer)
    # A day more than the date of the file is the turn of the date line; more has not happened yet.
    used: dict[str, ColumnElement[bool]] = {
        name: row[f"{name}_last_activity_date"].between(first + 1, row.report_date + 1)
        for name, health in _SERVICES
        if health
    }
    # Not by the latest of the dates: that may be one that has not happened.
    used["m365"] = or_(*used.values())
    counts = (
        cast(
            case((func.count() > 0, func.count().filter(was_used))),
            BigInteger,
        ).label(name)
        for name, was_used in used.items()
    )
    exists = func.coalesce(row.is_deleted, False).is_(False)
    return select(func.max(row.report_date).label("report_date"), *counts).where(exists).subquery()


def of_service(
    service: ColumnElement[str], figures: FromClause, what: str = ""
) -> ColumnElement[Any]:
    """Return the figure of the service of a row, `<service>` with `what` behind it; null of one that
    has none."""
    told = (name for name, _ in _SERVICES if name + what in figures.c)
    return case(*((service == name, figures.c[name + what]) for name in told))


def change(now: ColumnElement[int], then: ColumnElement[int]) -> ColumnElement[float]:
    """Growth in percent, two decimals; null from nothing: that is no percentage."""
    share = func.round(100 * cast(now - then, Numeric) / func.nullif(then, 0), 2)
    return cast(share, Double())


def state(each: FromClause, health: FromClause) -> ColumnElement[str]:
    """Return the code of `labels.SERVICE_STATE`, the worst of all for the whole; null if unknown."""
    rank = _rank(health.c.status)
    own = or_(each.c.health.is_(None), health.c.id == each.c.health)
    worst = select(func.max(rank)).select_from(health).where(own).correlate(each)
    return case(_STATES, value=worst.scalar_subquery())


def state_of(told: ColumnElement[str]) -> ColumnElement[str]:
    """Return the code of `labels.SERVICE_STATE` for a state in Microsoft's words; null if unknown."""
    return case(_STATES, value=_rank(told))


def _rank(told: ColumnElement[str]) -> ColumnElement[int]:
    good, interrupted = told.in_(_GOOD), told == "serviceInterruption"
    return case((good, 0), (interrupted, 2), (told.is_not(None), 1))
