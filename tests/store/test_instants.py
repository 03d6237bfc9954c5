"""What a report may read beside one instant: another one, dates before the newest, a period."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, true

from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, col
from shared.core.query import CsvStyle, Order, ReportQuery
from shared.core.report import Report, Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text
from tests.store.catalogue import COLLECTORS
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack

WORDS = Text("Value", "値")
WEEK = PERIOD.by_default(7)


def report(table: Callable[[Sources], Table]) -> Report:
    rows = ReportRows(table, COLLECTORS.__getitem__)
    return Report(title=WORDS, description=WORDS, table=rows, order=("id",), key="tried")


def people(s: Sources) -> Table:
    """Everybody of now, with the name of a period ago."""
    now, then = s.entity("people"), s.ago(s.parameter(WEEK)).entity("people")
    return Table(
        now.outerjoin(then, then.c.id == now.c.id),
        col("id", now.c.id, WORDS),
        col("name", now.c.name, WORDS),
        col("before", then.c.name, WORDS),
    )


def visits(s: Sources) -> Table:
    seen = s.events("visits", within=WEEK)
    return Table(seen, col("id", seen.c.id, WORDS), col("at", seen.c.happened_at, WORDS))


def usage(s: Sources) -> Table:
    """Used on the newest date, and a period before it."""
    now, then = s.measures("usage"), s.measures("usage", back=s.parameter(WEEK))
    return Table(
        now.outerjoin(then, then.c.id == now.c.id),
        col("id", now.c.id, WORDS),
        col("used", now.c.used, WORDS),
        col("before", then.c.used, WORDS),
    )


def series(s: Sources) -> Table:
    rows = s.series("usage", s.parameter(WEEK))
    counted = select(func.count().label("dates"), func.sum(rows.c.used).cast(rows.c.used.type))
    one = counted.select_from(rows).subquery()
    dates, total = one.c
    anybody = s.measures("usage")
    return Table(
        anybody.join(one, true()),
        col("id", anybody.c.id, WORDS),
        col("dates", dates, WORDS),
        col("total", total, WORDS),
    )


def ask(
    tenant: TenantData, table: Callable[[Sources], Table], *columns: str, **parameters: int
) -> list[tuple[object, ...]]:
    question = ReportQuery(
        as_of=None,
        now=T0,
        columns=columns,
        order=(Order("id"),),
        parameters=tuple(parameters.items()),
    )
    with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
        return snapshot.page(report(table), question).rows


def test_a_second_instant_shows_what_was_known_then(tenant: TenantData) -> None:
    old = [{"id": "1", "name": "Old"}]
    tenant.load("people", page("people", old), T0 - timedelta(days=9))
    new = [{"id": "1", "name": "New"}, {"id": "2", "name": "Two"}]
    tenant.load("people", page("people", new), T0 - timedelta(days=2))
    columns = ("id", "name", "before")
    assert ask(tenant, people, *columns) == [("1", "New", "Old"), ("2", "Two", None)]
    later = ask(tenant, people, *columns, period=1)
    assert later == [("1", "New", "New"), ("2", "Two", "Two")]
    earlier = ask(tenant, people, *columns, period=30)
    assert earlier == [("1", "New", None), ("2", "Two", None)]


def test_a_second_instant_counts_from_a_past_one_too(tenant: TenantData) -> None:
    for days, name in ((20, "First"), (10, "Second"), (1, "Third")):
        rows = page("people", [{"id": "1", "name": name}])
        tenant.load("people", rows, T0 - timedelta(days=days))
    then = T0 - timedelta(days=5)
    found = tenant.ask(report(people), "name", "before", as_of=then).rows
    assert found == [("Second", "First")]
    found = tenant.ask(report(people), "name", "before", as_of=T0 - timedelta(days=3)).rows
    assert found == [("Second", "Second")]


def test_events_are_those_of_the_period(tenant: TenantData) -> None:
    days = (1, 6, 8, 40)
    told = [{"id": str(d), "happenedAt": T0 - timedelta(days=d)} for d in days]
    tenant.load("visits", page("visits", told))
    assert ask(tenant, visits, "id") == [("1",), ("6",)]
    assert ask(tenant, visits, "id", period=30) == [("1",), ("6",), ("8",)]
    past = tenant.ask(report(visits), "id", as_of=T0).rows
    assert past == [("1",), ("6",)]


def test_a_period_holds_in_a_file_too(tenant: TenantData) -> None:
    told = [{"id": str(d), "happenedAt": T0 - timedelta(days=d)} for d in (1, 8)]
    tenant.load("visits", page("visits", told))
    style = CsvStyle(headers=("Id",), labels={}, bom=False)
    for days, lines in ((7, b"Id\r\n1\r\n"), (30, b"Id\r\n1\r\n8\r\n")):
        question = ReportQuery(
            as_of=None,
            now=T0,
            columns=("id",),
            order=(Order("id"),),
            parameters=(("period", days),),
        )
        assert b"".join(tenant.csv(report(visits), question, style)) == lines


def test_measures_of_a_date_before_the_newest(tenant: TenantData) -> None:
    for day, used in ((date(2026, 2, 20), 5), (date(2026, 2, 26), 6), (date(2026, 2, 27), 9)):
        tenant.load("usage", page("usage", [{"id": "1", "used": used}], day=day))
    assert ask(tenant, usage, "used", "before") == [(9, 5)]
    assert ask(tenant, usage, "used", "before", period=1) == [(9, 6)]
    assert ask(tenant, usage, "used", "before", period=2) == [(9, None)]


def test_a_series_has_each_date_of_the_days_up_to_the_newest(tenant: TenantData) -> None:
    days = [date(2026, 2, 27) - timedelta(days=back) for back in (0, 1, 6, 7)]
    for used, day in enumerate(days, start=1):
        tenant.load("usage", page("usage", [{"id": "1", "used": used}], day=day))
    assert ask(tenant, series, "dates", "total") == [(3, 6)]
    assert ask(tenant, series, "dates", "total", period=8) == [(4, 10)]
    assert ask(tenant, series, "dates", "total", period=1) == [(1, 1)]
