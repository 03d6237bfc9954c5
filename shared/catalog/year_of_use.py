"""A year of own history: who used the services, how far licences were used and what they cost, month by month.

Microsoft's usage reports reach back half a year at most. What is told here begins with the first file
that was collected, and says which days lack one.
"""

from collections.abc import Iterator
from datetime import date
from functools import reduce
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    FromClause,
    Interval,
    Label,
    Numeric,
    Subquery,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import Text as TextType
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import percent
from shared.catalog.licence_prices import in_yen, monthly_cost
from shared.catalog.service_use import beside
from shared.core.report import Sources

_YEAR, _PERIOD, _MONTHS = 365, 30, 12
# Files so far apart tell of everybody who was there for longer than that, and are seven, not 365.
_APART = 56
_SERVICES = ("exchange", "onedrive", "sharepoint", "teams")
_PUBLISHED = {**{name: name for name in _SERVICES}, "m365": "office_365"}


def people(s: Sources) -> Subquery:
    """Return one row: per service the people who used it in the year, also those who are gone by now.

    Each counts once: who is in the newest file by what it tells, anybody else by the earlier files of the
    year. Null without a file.
    """
    current = s.measures("active_users")
    newest = select(func.max(current.c.report_date)).scalar_subquery()
    now = select(*_used(current, newest)).subquery()
    files = (s.measures("active_users", back=n) for n in range(_APART, _YEAR, _APART))
    then = union_all(*(select(file.c.id, *_used(file, newest)) for file in files)).subquery()
    # Nearly all are still there: to look them up takes less than to bring all files together.
    gone = (
        select(*(func.bool_or(then.c[name], type_=Boolean).label(name) for name in _SERVICES))
        .select_from(then.outerjoin(current, current.c.id == then.c.id))
        .where(current.c.id.is_(None))
        .group_by(then.c.id)
        .subquery()
    )
    here, left = _counted(now), _counted(gone)
    sums = (
        (here.c[name] + func.coalesce(left.c[name], 0)).label(name) for name in (*_SERVICES, "m365")
    )
    return select(*sums).select_from(beside(here, left)).subquery()


def _used(file: FromClause, newest: ScalarSelect[date]) -> Iterator[Label[bool]]:
    """Whether each service was used in the year up to the newest file."""
    for name in _SERVICES:
        day = file.c[f"{name}_last_activity_date"]
        yield day.between(newest - (_YEAR - 1), file.c.report_date + 1).label(name)


def _counted(people: Subquery) -> Subquery:
    used = {**{name: people.c[name] for name in _SERVICES}, "m365": or_(*people.c)}
    counts = (
        cast(case((func.count() > 0, func.count().filter(one))), BigInteger).label(name)
        for name, one in used.items()
    )
    return select(*counts).select_from(people).subquery()


def known_days(s: Sources) -> Subquery:
    """Return one row: the newest day that Microsoft counted, the first one of the year before it
    (`covered_from`), how many between them lack (`missing_days`), and which: `gaps`, `first/last`.
    """
    row = s.series("service_user_counts", _YEAR).c
    days = select(row.report_date).where(row.report_period == _PERIOD).distinct().subquery().c
    following = func.lead(days.report_date).over(order_by=days.report_date)
    between = (following - days.report_date - 1).label("lacking")
    steps = select(days.report_date, following.label("following"), between).subquery().c
    first, last = _written(steps.report_date + 1), _written(steps.following - 1)
    gap = first.op("||", return_type=TextType())("/").op("||", return_type=TextType())(last)
    return select(
        func.max(steps.report_date, type_=Date).label("report_date"),
        func.min(steps.report_date, type_=Date).label("covered_from"),
        cast(case((func.count() > 0, func.coalesce(func.sum(steps.lacking), 0))), BigInteger).label(
            "missing_days"
        ),
        func.string_agg(gap, ", ", type_=TextType).filter(steps.lacking > 0).label("gaps"),
    ).subquery()


def _written(day: ColumnElement[Any]) -> ColumnElement[str]:
    return func.to_char(day, "YYYY-MM-DD", type_=TextType)


def licences_in_use(s: Sources) -> Subquery:
    """Return one row: per service the mean share of licensed people who were active, over the months.

    A month has that of its newest file; `months` are those of the year of which there is one.
    """
    row = s.series("service_user_counts", _YEAR).c
    month = func.date_trunc("month", row.report_date)
    place = func.row_number().over(partition_by=month, order_by=row.report_date.desc())
    shares = {
        name: percent(row[f"{told}_active"], row[f"{told}_active"] + row[f"{told}_inactive"])
        for name, told in _PUBLISHED.items()
    }
    files = (
        select(
            func.dense_rank().over(order_by=month.desc()).label("age"),
            place.label("place"),
            *(share.label(name) for name, share in shares.items()),
        )
        .where(row.report_period == _PERIOD)
        .subquery()
        .c
    )
    means: Iterator[ColumnElement[float]] = (
        cast(func.round(cast(func.avg(files[name]), Numeric), 2), Double()).label(name)
        for name in shares
    )
    months = cast(func.nullif(func.count(), 0), BigInteger).label("months")
    last_ones = (files.place == 1) & (files.age <= _MONTHS)
    return select(months, *means).where(last_ones).subquery()


def yearly_cost(s: Sources) -> Subquery:
    """Return one row: what the licences in use at the last twelve ends of a month cost together.

    `yen` and `months`, of how many it is known; null unless of all twelve. Licences are those that were
    known then, prices those that were imported by now and in force then.
    """
    ends = [monthly_cost(s.ago(_days_since_end(s, n)), s, _last_day(s, n)) for n in range(_MONTHS)]
    amounts = [in_yen(end) for end in ends]
    known = func.num_nonnulls(*amounts)
    total = reduce(lambda one, other: one + other, amounts)
    return (
        select(
            cast(func.round(cast(total, Numeric), 2), Double()).label("yen"),
            cast(func.nullif(known, 0), BigInteger).label("months"),
        )
        .select_from(beside(*ends))
        .subquery()
    )


def _end(s: Sources, months: int) -> ColumnElement[Any]:
    """The end of the last month that was over, or so many before: when the next one began (UTC)."""
    now = func.timezone("UTC", s.as_of, type_=DateTime())
    back = literal_column(f"INTERVAL '{months} months'", Interval())
    begin = cast(func.date_trunc("month", now), DateTime()) - back
    return func.timezone("UTC", begin, type_=DateTime(timezone=True))


def _last_day(s: Sources, months: int) -> ColumnElement[Any]:
    """The last second of that month, whose prices hold."""
    return _end(s, months) - literal_column("INTERVAL '1 second'", Interval())


def _days_since_end(s: Sources, months: int) -> ColumnElement[Any]:
    seconds = func.date_part("epoch", s.as_of - _end(s, months), type_=Double)
    return seconds / 86_400


def cost_per(total: ColumnElement[float], people: ColumnElement[int]) -> ColumnElement[float]:
    """Return what it comes to for each of the people, two decimals; null without any."""
    return cast(func.round(cast(total, Numeric) / func.nullif(people, 0), 2), Double())
