"""Names sort as people sort: on every page in both directions, at any moment, in every shape, in CSV."""

import random
from datetime import date

import psycopg
import pytest

from shared.core.query import Compare, CsvStyle, Match, Order, ReportQuery
from shared.core.report import Report
from shared.store.answers.keyset import Segment
from shared.store.answers.report_statements import page_sql, question_values
from shared.store.answers.sources import TENANT
from shared.store.session.sessions import tenant_snapshot
from tests.store.catalogue import COLLECTORS, PEOPLE_REPORT, USAGE_REPORT, VISITS_REPORT
from tests.store.tenant_data import T0, TenantData, minute, page
from tests.store.test_collation import AS_PEOPLE_SORT

pytestmark = pytest.mark.stack

SHUFFLED = random.Random(11).sample(AS_PEOPLE_SORT, len(AS_PEOPLE_SORT))


@pytest.fixture
def people(tenant: TenantData) -> TenantData:
    """Names in no order and two people without one."""
    rows = [{"id": f"{n:02}", "name": name} for n, name in enumerate(SHUFFLED)]
    tenant.load("people", page("people", [*rows, {"id": "x"}, {"id": "y"}]))
    visits = [
        {"id": f"{n:02}", "happenedAt": T0, "personId": "x", "host": name}
        for n, name in enumerate(SHUFFLED)
    ]
    tenant.load("visits", page("visits", visits))
    used = [{"id": f"{n:02}", "used": n, "owner": name} for n, name in enumerate(SHUFFLED)]
    tenant.load("usage", page("usage", used, day=date(2026, 1, 1)))
    return tenant


def walked(tenant: TenantData, report: Report, order: tuple[Order, ...], top: int) -> list[object]:
    """The values of the first order column on all pages."""
    seen: list[object] = []
    after: tuple[object, ...] | None = None
    while True:
        found = tenant.ask(report, order[0].column, order=order, top=top, after=after)
        seen += [row[0] for row in found.rows]
        after = found.next
        if after is None:
            return seen


@pytest.mark.parametrize("top", [1, 2, 7, 1000])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_are_in_the_order_of_names(people: TenantData, descending: bool, top: int) -> None:
    expected: list[object] = [*AS_PEOPLE_SORT, None, None]
    order = (Order("name", descending), Order("id", descending))
    assert walked(people, PEOPLE_REPORT, order, top) == (expected[::-1] if descending else expected)


@pytest.mark.parametrize(("report", "column"), [(VISITS_REPORT, "host"), (USAGE_REPORT, "owner")])
def test_events_and_measures_sort_alike(people: TenantData, report: Report, column: str) -> None:
    for descending in (False, True):
        expected = list(AS_PEOPLE_SORT)[:: -1 if descending else 1]
        order = (Order(column, descending), Order("id"))
        assert walked(people, report, order, 5) == expected


def test_a_past_moment_and_an_export_sort_alike(people: TenantData) -> None:
    renamed = [{"id": f"{n:02}", "name": "Z"} for n in range(len(SHUFFLED))]
    people.load("people", page("people", renamed), minute(5))
    where, order = Compare("name", "ne", None), (Order("name"), Order("id"))
    found = people.ask(PEOPLE_REPORT, "name", order=order, where=where, as_of=minute(1))
    assert [row[0] for row in found.rows] == list(AS_PEOPLE_SORT)
    question = ReportQuery(as_of=minute(1), columns=("name",), order=order, where=where)
    style = CsvStyle(headers=("Name",), labels={}, bom=False)
    lines = b"".join(people.csv(PEOPLE_REPORT, question, style)).decode().split("\r\n")
    # A cell that a spreadsheet would take for a formula has a sign before it.
    assert [line.strip("\"'") for line in lines[1:-1]] == [n.strip("'") for n in AS_PEOPLE_SORT]


def test_a_changed_name_moves(people: TenantData) -> None:
    people.load("people", page("people", [{"id": "x", "name": "Öberg"}]), minute(5))
    order = (Order("name"), Order("id"))
    names = walked(people, PEOPLE_REPORT, order, 3)
    assert names.index("Öberg") == names.index("Mullers") + 1


def test_filters_go_by_the_name_itself(people: TenantData) -> None:
    where = Match("name", "startswith", "A")
    found = {row[0] for row in people.ask(PEOPLE_REPORT, "name", where=where).rows}
    assert found == {name for name in AS_PEOPLE_SORT if name.startswith("A")}


@pytest.mark.parametrize("descending", [False, True])
def test_an_index_has_the_order(tenant: TenantData, owner_url: str, descending: bool) -> None:
    many = [{"id": f"{n:05}", "name": f"P{n * 7919 % 3000:05}"} for n in range(3000)]
    tenant.load("people", page("people", many))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.people")
    order = (Order("name", descending), Order("id", descending))
    first = tenant.ask(PEOPLE_REPORT, "name", order=order, top=50)
    for after in (None, first.next):
        found = page_plan(tenant, order, after)
        assert "people_name_collated" in found
        assert "Sort" not in found


def page_plan(
    tenant: TenantData, order: tuple[Order, ...], after: tuple[object, ...] | None
) -> str:
    """The plan of the report's statement for a page, as the application role runs it."""
    question = ReportQuery(
        as_of=None,
        columns=("name",),
        order=order,
        after=after,  # type: ignore[arg-type]
    )
    segment: Segment = "all" if after is None else "after_value"
    statement = page_sql(PEOPLE_REPORT, question, segment, COLLECTORS.__getitem__, 50)
    values = question_values(question) | {TENANT: tenant.tenant_id, "as_of": None}
    with (
        tenant_snapshot(tenant.engine, tenant.tenant_id, timeout="20s") as session,
        psycopg.RawCursor(session) as query,
    ):
        query.execute(f"EXPLAIN {statement.sql}".encode(), statement.arguments(values))
        return "\n".join(str(row[0]) for row in query.fetchall())
