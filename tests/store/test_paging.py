"""Keyset paging: pages in any order, over nulls and ties, add up to one unpaged answer."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyuca.collator import Collator_10_0_0

from shared.core.query import Compare, Order
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

PERSON = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "", "a", "A", "ä", "か", "漢", "\U00020000", "a b"]),
        "mail": st.sampled_from([None, "x@y"]),
        "age": st.sampled_from([None, -1, 0, 17, 18, 2**40]),
        "active": st.sampled_from([None, False, True]),
        "weight": st.sampled_from([None, -0.5, 0.0, 1.5]),
    }
)
JUDGE = Collator_10_0_0()
COLUMNS = ("name", "mail", "age", "active", "weight", "stage", "shouted", "id")


def orders() -> st.SearchStrategy[list[Order]]:
    some = st.lists(
        st.builds(Order, st.sampled_from(COLUMNS[:-1]), st.booleans()),
        max_size=3,
        unique_by=lambda order: order.column,
    )
    return st.tuples(some, st.builds(Order, st.just("id"), st.booleans())).map(
        lambda pair: [*pair[0], pair[1]]
    )


def sorted_as_declared(
    rows: Sequence[dict[str, object]], order: Sequence[Order]
) -> list[dict[str, object]]:
    """Sort names by collation, other text by code points, null above everything.

    One column at a time from the last.
    """
    ordered = list(rows)
    for term in reversed(order):

        def key(row: dict[str, object], column: str = term.column) -> tuple[bool, object]:
            value = row[column]
            if column == "name":
                value = None if value is None else JUDGE.sort_key(value)
            return value is None, "" if value is None else value

        ordered.sort(key=key, reverse=term.descending)
    return ordered


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(people=st.lists(PERSON, max_size=25), order=orders(), top=st.integers(1, 6))
def test_pages_add_up_to_the_sorted_whole(
    tenant: TenantData, people: list[dict[str, object]], order: list[Order], top: int
) -> None:
    rows = [{"id": f"{place:02}", **person} for place, person in enumerate(people)]
    tenant.load("people", page("people", rows), full=True)
    found: list[tuple[object, ...]] = []
    after: tuple[object, ...] | None = None
    while True:
        part = tenant.ask(PEOPLE_REPORT, *COLUMNS, order=order, top=top, after=after)
        found += part.rows
        assert len(part.rows) == top or part.next is None
        after = part.next
        if after is None:
            break
    whole = tenant.ask(PEOPLE_REPORT, *COLUMNS, order=order, count=True)
    assert found == whole.rows
    assert whole.total == len(rows)
    shown = [dict(zip(COLUMNS, row, strict=True)) for row in whole.rows]
    assert shown == sorted_as_declared(shown, order)
    assert [row["id"] for row in sorted(shown, key=lambda row: str(row["id"]))] == [
        row["id"] for row in rows
    ]


def test_the_position_is_not_limited_to_the_columns_asked_for(tenant: TenantData) -> None:
    tenant.load("people", page("people", [{"id": "a", "age": 2}, {"id": "b", "age": 1}]))
    order = [Order("age"), Order("id")]
    first = tenant.ask(PEOPLE_REPORT, "id", order=order, top=1)
    assert (first.rows, first.next) == ([("b",)], (1, "b"))
    second = tenant.ask(PEOPLE_REPORT, "id", order=order, top=1, after=first.next)
    assert (second.rows, second.next) == ([("a",)], None)


def test_a_filter_holds_on_every_page_and_in_the_count(tenant: TenantData) -> None:
    rows = [{"id": f"{n:02}", "age": n % 3} for n in range(30)]
    tenant.load("people", page("people", rows))
    where = Compare("age", "eq", 1)
    first = tenant.ask(PEOPLE_REPORT, where=where, top=6, count=True)
    second = tenant.ask(PEOPLE_REPORT, where=where, top=6, after=first.next, count=True)
    assert [len(first.rows), len(second.rows), second.next] == [6, 4, None]
    assert (first.total, second.total) == (10, 10)


def test_values_arrive_as_the_report_declares_them(tenant: TenantData) -> None:
    from datetime import UTC, date, datetime

    born = datetime(2000, 1, 2, 3, 4, 5, tzinfo=UTC)
    person = {
        "id": "a",
        "age": 7,
        "active": True,
        "bornAt": born,
        "weight": 1.5,
        "tags": {"x": [1, None, "é"]},
        "order": date(2020, 2, 29),
    }
    tenant.load("people", page("people", [person]))
    columns = ("age", "active", "born_at", "weight", "tags", "order", "stage", "mail")
    assert tenant.ask(PEOPLE_REPORT, *columns).rows == [
        (7, True, born, 1.5, {"x": [1, None, "é"]}, date(2020, 2, 29), "minor", None)
    ]
