"""The values of the digest's figures, now and a period before.

Each dataset is read once for each of the two instants. Daily counts of Microsoft's go by their own
dates, everything else by what had been read at the instant.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from msgspec import Struct, field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    column,
    func,
    literal_column,
    null,
    select,
    union_all,
    values,
)
from sqlalchemy import Text as TextType
from sqlalchemy.types import TypeEngine

from shared.catalog.day_limits import earliest, latest, midnight
from shared.catalog.digest_figures import ACTIVE, COUNTS, DATASETS, SHARED, SIGN_INS, STORED
from shared.catalog.digest_people import deleted, people, role_holders, sign_ins
from shared.catalog.expressions import counted, gibibytes, percent
from shared.catalog.licensed_use import published_use
from shared.catalog.secure_score import newest_share
from shared.catalog.service_storage import stored
from shared.catalog.service_use import beside
from shared.core.report import Sources

# As far back as anything is kept.
_EVER = 36_600


class Told(Struct, frozen=True):
    """One-row from-clauses, and of each figure its value now and before; `firsts`, the oldest entry, of
    those whose reach has to be looked up in the rows; `ends` of those whose period ends with a day."""

    rows: tuple[FromClause, ...]
    values: Mapping[str, tuple[ColumnElement[Any], ColumnElement[Any]]]
    firsts: Mapping[str, ColumnElement[datetime]] = field(default_factory=dict)
    ends: Mapping[str, ColumnElement[datetime]] = field(default_factory=dict)


def told(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return a row for each figure: `figure`, `value`, `previous`, and where they have to be looked up in
    the rows `first`, the oldest entry, and `ends`, when the period ended; `days` is its length."""
    then = s.ago(days)
    parts = (
        _active(s, days),
        _twice(lambda at: people(at, days), s, then),
        _twice(lambda at: deleted(at, days), s, then),
        _twice(role_holders, s, then),
        _signed_in(s, days),
        _twice(_licences, s, then),
        _twice(_risky, s, then),
        _twice(_open_incidents, s, then),
        _mail(s, days),
        _shared(s, days),
        _storage(s, days),
        _happened(s, days, "new_incidents", _incidents(s), "created_at"),
        _happened(s, days, "new_alerts", s.entity("security_alerts"), "created_at"),
        _scores(s, days),
        _issues(s, days),
        _happened(s, days, "failed_collections", s.failures(DATASETS), "finished_at"),
    )
    return union_all(*map(_listed, parts)).subquery("told")


def _listed(part: Told) -> Select[Any]:
    """Each figure of a part as a row: one join of all parts would take the planner seconds."""
    unknown: ColumnElement[Any] = cast(null(), DateTime(timezone=True))
    names = ("figure", "value", "previous", "first", "ends")
    kinds: tuple[TypeEngine[Any], ...] = (
        TextType(),
        Double(),
        Double(),
        DateTime(timezone=True),
        DateTime(timezone=True),
    )
    rows: list[tuple[Any, ...]] = [
        (
            name,
            cast(now, Double()),
            cast(before, Double()),
            part.firsts.get(name, unknown),
            part.ends.get(name, unknown),
        )
        for name, (now, before) in part.values.items()
    ]
    each = values(*map(column, names, kinds), name="each").data(rows).lateral()
    first, *others = part.rows
    return select(*each.c).select_from(beside(first, *others, each))


def _number(value: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(value, BigInteger)


def _twice(figures: Callable[[Sources], Subquery], s: Sources, then: Sources) -> Told:
    """Take the same figures at both instants."""
    now, before = figures(s), figures(then)
    return Told((now, before), {name: (now.c[name], before.c[name]) for name in now.c.keys()})  # noqa: SIM118


def _licences(s: Sources) -> Subquery:
    """Of the licences that are enabled and whose numbers are both known: one alone would shift the share."""
    sku = s.entity("subscribed_skus").c
    used, bought = counted(sku.consumed_units), counted(sku.enabled_units)
    known = used.is_not(None) & bought.is_not(None)
    return (
        select(
            _number(func.sum(bought)).label("licences_bought"),
            _number(func.sum(used)).label("licences_used"),
            percent(func.sum(used), func.sum(bought)).label("licence_use"),
        )
        .where(known & (func.lower(sku.capability_status) == "enabled"))
        .subquery()
    )


def _risky(s: Sources) -> Subquery:
    row = s.entity("risky_users").c
    at_risk = row.risk_state.in_(("atRisk", "confirmedCompromised"))
    there = func.coalesce(row.is_deleted, False).is_(False)
    count = _number(func.count().filter(at_risk & there))
    return select(count.label("risky_users")).subquery()


def _incidents(s: Sources) -> Subquery:
    """The incidents that did not become a part of another one."""
    row = s.entity("security_incidents").c
    query = select(row.created_at, row.status).where(row.redirect_incident_id.is_(None))
    return query.subquery()


def _open_incidents(s: Sources) -> Subquery:
    status = func.lower(_incidents(s).c.status)
    still_open = _number(func.count().filter(status.not_in(("resolved", "redirected"))))
    return select(still_open.label("open_incidents")).subquery()


def _happened(s: Sources, days: ColumnElement[int], name: str, rows: FromClause, when: str) -> Told:
    """Count what happened in the period, and in the one before it; `first` is the oldest entry, which
    `listed` tells if not all of them count."""
    moment = rows.c[when]
    first, second = s.ago(days * 2).as_of, s.ago(days).as_of
    counts = select(
        _number(func.count().filter((moment > second) & (moment <= s.as_of))).label("now"),
        _number(func.count().filter((moment > first) & (moment <= second))).label("before"),
        func.min(rows.c.get("listed", moment)).label("first"),
    ).subquery()
    found = counts.c
    return Told((counts,), {name: (found.now, found.before)}, {name: found.first})


def _issues(s: Sources, days: ColumnElement[int]) -> Told:
    row = s.entity("service_issues").c
    of_incidents = case((func.lower(row.classification) == "incident", row.started_at))
    # An advisory that is older tells as well how far back the list goes.
    issues = select(of_incidents.label("began"), row.started_at.label("listed")).subquery()
    return _happened(s, days, "service_incidents", issues, "began")


def _scores(s: Sources, days: ColumnElement[int]) -> Told:
    now, before = newest_share(s, s.as_of), newest_share(s, s.ago(days).as_of)
    return Told((now, before), {"secure_score": (now.c.share, before.c.share)})


def _signed_in(s: Sources, days: ColumnElement[int]) -> Told:
    found = sign_ins(s, days)
    both = {
        name: (found.c[told], found.c[f"{told}_before"]) for name, (told, _) in SIGN_INS.items()
    }
    return Told((found,), both)


def _active(s: Sources, days: ColumnElement[int]) -> Told:
    now = published_use(s.measures(COUNTS))
    before = published_use(s.measures(COUNTS, days))
    first = _oldest(s, (COUNTS,))
    names = {f"active_{name}": f"{name}_active" for name in ACTIVE}
    return Told(
        (now, before, first),
        {name: (now.c[told], before.c[told]) for name, told in names.items()},
        {name: midnight(first.c.day) for name in names},
        {name: midnight(first.c.newest) for name in names},
    )


def _mail(s: Sources, days: ColumnElement[int]) -> Told:
    sums = _of_days(s, days, "email_activity_counts", "send", "receive")
    names = {"mails_sent": "send", "mails_received": "receive"}
    return Told(
        (sums,),
        {name: (sums.c[told], sums.c[f"{told}_before"]) for name, told in names.items()},
        {name: midnight(sums.c.first) for name in names},
        {name: midnight(sums.c.newest + 1) for name in names},
    )


def _shared(s: Sources, days: ColumnElement[int]) -> Told:
    """In both services together; unknown unless it is known of both."""
    drives, sites = (_of_days(s, days, name, "shared_externally") for name in SHARED)
    now, before = (drives.c[name] + sites.c[name] for name in ("shared_externally", "shared_externally_before"))  # fmt: skip
    first = midnight(latest(drives.c.first, sites.c.first))
    end = midnight(earliest(drives.c.newest, sites.c.newest) + 1)
    name = "files_shared_outside"
    return Told((drives, sites), {name: (now, before)}, {name: first}, {name: end})


def _storage(s: Sources, days: ColumnElement[int]) -> Told:
    """In all three services together; unknown unless it is known of all."""
    now, before = stored(s), stored(s, days)
    first = _oldest(s, STORED)
    sizes = (
        gibibytes(reduce(add, (one.c[name] for name in ("exchange", "onedrive", "sharepoint"))))
        for one in (now, before)
    )
    size, size_before = sizes
    values = {"storage": (size, size_before)}
    begin, end = midnight(first.c.day), midnight(first.c.newest)
    return Told((now, before, first), values, {"storage": begin}, {"storage": end})


def _of_days(s: Sources, days: ColumnElement[int], dataset: str, *names: str) -> Subquery:
    """Sums over the days up to the `newest` one, and over those before; `first` is the oldest of all.

    Microsoft leaves out a day now and then: one may be missing. Of a period of which more is unknown
    no number is told.
    """
    row = s.series(dataset, literal_column(str(_EVER), Integer())).c
    newest = func.max(row.report_date).over()
    back = (newest - row.report_date).label("age")
    each = select(row.report_date, back, *(row[name] for name in names)).subquery().c
    age = cast(each.age, BigInteger)

    def total(value: ColumnElement[Any], within: ColumnElement[bool]) -> ColumnElement[int]:
        known = func.count(value).filter(within) >= func.greatest(days - 1, 1)
        return _number(case((known, func.sum(value).filter(within))))

    now, before = age < days, (age >= days) & (age < days * 2)
    return select(
        func.min(each.report_date).label("first"),
        func.max(each.report_date).label("newest"),
        *(total(each[name], now).label(name) for name in names),
        *(total(each[name], before).label(f"{name}_before") for name in names),
    ).subquery()


def _oldest(s: Sources, datasets: Iterable[str]) -> Subquery:
    """Return one row: the first `day` of which all of them tell, and the last, `newest`."""
    ever = literal_column(str(_EVER), Integer())
    series = [s.series(name, ever).c.report_date for name in datasets]
    first, last = (
        [select(function(day)).scalar_subquery() for day in series]
        for function in (func.min, func.max)
    )
    return select(latest(*first).label("day"), earliest(*last).label("newest")).subquery()
