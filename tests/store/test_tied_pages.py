"""A page in the midst of many rows that tie in the first order starts where it starts, by index.

Work is counted, not timed: rows of the plan as it ran for the application's role.
"""

import psycopg
import pytest

from shared.catalog.table import Table, col
from shared.core.query import Order
from shared.core.report import Sources
from tests.store.tenant_data import TenantData, page
from tests.store.test_growth import touched
from tests.store.test_past_plans import TOP, WORDS, explain, report

pytestmark = pytest.mark.stack

PEOPLE = 2000


def _people(s: Sources) -> Table:
    people = s.entity("people")
    return Table(
        people,
        col("id", people.c.id, WORDS),
        col("name", people.c.name, WORDS),
    )


def test_a_page_among_many_of_one_name_reads_none_of_those_before_it(
    tenant: TenantData, owner_url: str
) -> None:
    people = [{"id": f"{n:05}", "name": "Sato"} for n in range(PEOPLE)]
    tenant.load("people", page("people", people))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.people")
    asked, order = report(_people), [Order("name"), Order("id")]
    first = tenant.ask(asked, "id", order=order, top=PEOPLE // 2)
    assert first.next is not None
    deep = explain(tenant, asked, "id", "name", order="name", after=tuple(first.next))  # type: ignore[arg-type]  # as a cursor holds it
    assert "people_name_collated" in deep.text
    assert touched(deep.plan) < 10 * TOP, deep.text
    following = tenant.ask(asked, "id", order=order, top=TOP, after=first.next)
    assert following.rows == [(f"{n:05}",) for n in range(PEOPLE // 2, PEOPLE // 2 + TOP)]
