"""A page of the past visits about as many buffers as one of now, whatever the instant, below the policy.

Work is counted, not timed: buffers and rows of the plan as it ran for the application's role.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import BigInteger, func, select
from sqlalchemy import Text as TextType
from sqlalchemy import cast as cast_sql

from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, col
from shared.core.query import Compare, Condition, Order, ReportQuery, Value
from shared.core.report import Report, Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text
from shared.store.answers.keyset import Segment
from shared.store.answers.report_statements import page_sql, parameter_values, question_values
from shared.store.answers.sources import AS_OF, TENANT
from shared.store.schema.stays import STAYS
from shared.store.session.sessions import tenant_snapshot
from tests.store.catalogue import COLLECTORS, USAGE_REPORT
from tests.store.tenant_data import T0, TenantData, page
from tests.store.test_growth import touched

pytestmark = pytest.mark.stack

PEOPLE, VERSIONS, TOP = 600, 12, 50
WORDS = Text("Value", "値")
STATISTICS = {"those of the first load": "SELECT 1", "fresh": "VACUUM ANALYZE"}


def report(table: Callable[[Sources], Table]) -> Report:
    rows = ReportRows(table, COLLECTORS.__getitem__)
    return Report(title=WORDS, description=WORDS, table=rows, order=("id",), key="past")


def couples(s: Sources) -> Table:
    """People by name, each beside the one of the same id in another dataset's place."""
    one, other = s.entity("people"), s.entity("people")
    return Table(
        one.outerjoin(other, other.c.id == one.c.id),
        col("id", one.c.id, WORDS),
        col("name", one.c.name, WORDS),
        col("age", other.c.age, WORDS),
    )


def teams(s: Sources) -> Table:
    team, member = s.entity("crews"), s.entity("members")
    return Table(
        team.outerjoin(member, member.c.parent_id == team.c.id),
        col("id", team.c.id, WORDS),
        col("member_id", member.c.member_id, WORDS),
    )


def count(s: Sources) -> Table:
    """One row: how many people there are and how old they are together."""
    person = s.counted("people").c
    made = select(func.count().label("n"), cast_sql(func.sum(person.age), BigInteger).label("age"))
    found = made.select_from(person.age.table).subquery()
    return Table(
        found,
        col("id", cast_sql(found.c.n, TextType), WORDS),
        col("age", found.c.age, WORDS),
    )


def visits(s: Sources) -> Table:
    visit = s.events("visits", within=PERIOD.by_default(30))
    return Table(
        visit,
        col("id", visit.c.id, WORDS),
        col("happened_at", visit.c.happened_at, WORDS),
    )


@dataclass(frozen=True)
class Explained:
    """A plan that ran: what it read."""

    plan: Mapping[str, Any]

    @property
    def buffers(self) -> int:
        return int(self.plan["Shared Hit Blocks"]) + int(self.plan["Shared Read Blocks"])

    @property
    def text(self) -> str:
        return json.dumps(self.plan, indent=1)


def explain(
    tenant: TenantData,
    asked: Report,
    *columns: str,
    order: str = "id",
    as_of: datetime | None = None,
    where: Condition | None = None,
    after: tuple[Value, ...] | None = None,
    kept: bool = False,
) -> Explained:
    """Ask and explain; `kept`: by the plan that serves whatever values, as after a few requests."""
    names = dict.fromkeys((order.removeprefix("-"), "id"))
    orders = tuple(Order(name, descending=order.startswith("-")) for name in names)
    question = ReportQuery(as_of=as_of, columns=columns, order=orders, where=where, after=after)
    segment: Segment = "all" if after is None else "after_value"
    statement = page_sql(asked, question, segment, COLLECTORS.__getitem__, TOP)
    values = question_values(question) | parameter_values(asked, question)
    values |= {TENANT: tenant.tenant_id, AS_OF: as_of}
    with (
        tenant_snapshot(tenant.engine, tenant.tenant_id, timeout="60s") as session,
        psycopg.RawCursor(session) as run,
    ):
        explained, given = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)", statement.sql
        arguments = statement.arguments(values)
        if kept:
            run.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")
            run.execute(f"PREPARE kept AS {given}".encode())
            literals = [sql.Literal(each).as_string(session) for each in arguments]
            given, arguments = f"EXECUTE kept ({', '.join(literals)})", []
        run.execute(f"{explained} {given}".encode(), arguments)
        ((plans,),) = run.fetchall()
        if kept:
            run.execute(b"DEALLOCATE kept")
    return Explained(cast("list[dict[str, Any]]", plans)[0]["Plan"])


@pytest.fixture
def aged(tenant: TenantData, owner_url: str) -> TenantData:
    """A tenant whose people have had a version a day."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for name in ("people", "usage", "members", "crews"):
            owner.execute(f"ALTER TABLE data.{name} SET (autovacuum_enabled = off)".encode())
    for day in range(VERSIONS):
        people = [
            {"id": f"{n * 7919 % PEOPLE:05}", "name": f"Name {n % 97} of {n}", "age": day}
            for n in range(PEOPLE)
        ]
        tenant.load("people", page("people", people), T0 + timedelta(days=day))
    return tenant


@pytest.mark.parametrize("kept", [False, True], ids=["planned", "kept"])
@pytest.mark.parametrize("statistics", STATISTICS)
@pytest.mark.parametrize("age", [0.5, VERSIONS / 2, VERSIONS - 1.5])
def test_a_page_of_the_past_reads_what_one_of_now_reads(
    aged: TenantData, owner_url: str, age: float, statistics: str, kept: bool
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(STATISTICS[statistics].encode())
    asked, then = report(couples), T0 + timedelta(days=VERSIONS - 1 - age)
    now = explain(aged, asked, "id", "name", "age", order="name", kept=kept)
    past = explain(aged, asked, "id", "name", "age", order="name", as_of=then, kept=kept)
    assert "people_name_collated" in past.text
    assert "people_versions" in past.text
    assert "Seq Scan" not in past.text
    assert 0 < past.buffers < 1.5 * now.buffers, (now.text, past.text)
    assert touched(past.plan) < 1.5 * touched(now.plan), (now.text, past.text)
    rows = aged.ask(asked, "age", order=[Order("name"), Order("id")], as_of=then, top=TOP).rows
    assert rows == [(int(VERSIONS - 1 - age),)] * TOP


@pytest.mark.parametrize("age", [0.5, 5.5, 9.5])
def test_the_newest_date_of_the_past_is_found_by_a_few_probes(
    tenant: TenantData, owner_url: str, age: float
) -> None:
    dates = [date(2026, 2, 1) + timedelta(days=day) for day in range(10)]
    for day in dates:
        told = datetime(day.year, day.month, day.day, 12, tzinfo=T0.tzinfo) + timedelta(days=2)
        rows = [{"id": f"{n:04}", "used": n} for n in range(200)]
        tenant.load("usage", page("usage", rows, day=day), told)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.usage")
    last = datetime(2026, 2, 12, 12, tzinfo=T0.tzinfo)
    then = last + timedelta(days=0.25) - timedelta(days=age)
    known = [day for day in dates if day + timedelta(days=2) <= (then - timedelta(hours=12)).date()]
    found = explain(tenant, USAGE_REPORT, "id", "report_date", as_of=then)
    assert touched(found.plan) < 200 + 12 * TOP, found.text
    answered = tenant.ask(USAGE_REPORT, "report_date", as_of=then).rows
    wanted: list[tuple[object, ...]] = [(known[-1],)] * 200 if known else []
    assert answered == wanted


@pytest.mark.parametrize("age", [0.5, 6.5])
def test_the_members_of_a_group_are_found_in_the_past_too(
    tenant: TenantData, owner_url: str, age: float
) -> None:
    groups = [f"t{n:03}" for n in range(60)]
    tenant.load("crews", page("crews", [{"id": name} for name in groups]))
    for day in range(8):
        rows = [
            {"id": f"{name}/{n}", "memberId": f"m{n}", "day": day}
            for name in groups
            for n in range(20)
        ]
        parents = [name for name in groups for _ in range(20)]
        tenant.load("members", page("members", rows, parents=parents), T0 + timedelta(days=day))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    then = T0 + timedelta(days=7 - age)
    where = Compare("id", "eq", "t033")
    found = explain(tenant, report(teams), "id", "member_id", as_of=then, where=where)
    assert "members_parent" in found.text
    assert touched(found.plan) < 20 * 12, found.text
    assert len(tenant.ask(report(teams), "member_id", as_of=then, where=where).rows) == 20


@pytest.mark.parametrize("kept", [False, True], ids=["planned", "kept"])
@pytest.mark.parametrize("age", [0.5, VERSIONS / 2, VERSIONS - 1.5])
def test_what_is_counted_visits_no_row_and_no_version_of_another_time(
    aged: TenantData, owner_url: str, age: float, kept: bool
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.people")
    then = T0 + timedelta(days=VERSIONS - 1 - age)
    now = explain(aged, report(count), "id", "age", kept=kept)
    past = explain(aged, report(count), "id", "age", as_of=then, kept=kept)
    for each in (now, past):
        assert "people_stays" in each.text
        assert '"Index Only Scan"' in each.text
    # A class has one range, and a range its way down from the root.
    assert past.buffers < 1.5 * now.buffers + 3 * len(STAYS), (now.text, past.text)
    assert touched(past.plan) < 5 * PEOPLE, past.text
    answered = aged.ask(report(count), "id", "age", as_of=then).rows
    assert answered == [(str(PEOPLE), PEOPLE * int(VERSIONS - 1 - age))]


def test_a_page_of_a_period_before_an_instant_goes_by_time(
    tenant: TenantData, owner_url: str
) -> None:
    moments = [T0 + timedelta(seconds=number) for number in range(4_000)]
    tenant.load(
        "visits",
        page("visits", [{"id": f"{at:%d%H%M%S}", "happenedAt": at} for at in moments]),
        moments[-1],
    )
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.visits")
    asked, order = report(visits), "-happened_at"
    then = moments[-1] + timedelta(minutes=1)
    past = explain(tenant, asked, "id", "happened_at", order=order, as_of=then, kept=True)
    assert touched(past.plan) < 12 * TOP, past.text
