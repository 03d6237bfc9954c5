"""A report of two lists is paged like one list, wherever the rows of the shorter one stand."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Integer, func, select

from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, col
from shared.catalog.union import union
from shared.core.query import Compare, Condition, Order
from shared.core.report import Report, Sources
from shared.core.text import Text
from shared.store.answers.parts import reads_apart
from tests.store.catalogue import COLLECTORS
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack

WORDS = Text("-", "-")
NAMES = ("Ada", "Ádám", "ada", "Zoë", "佐藤", "さくら", "\U0010ffff", "", None)


def _everybody(s: Sources) -> Table:
    """People, and visitors who are none of them."""
    person, visit, known = s.entity("people"), s.events("visits"), s.entity("people")
    is_known = select(known.c.id).where(known.c.id == visit.c.person_id).offset(0).exists()
    people = Table(
        person,
        col("id", person.c.id, WORDS),
        col("name", person.c.name, WORDS),
        col("mail", person.c.mail, WORDS),
        col("length", func.nullif(func.length(person.c.name), 3, type_=Integer), WORDS),
    )
    visitors = Table(
        visit,
        col("id", visit.c.id, WORDS),
        col("name", visit.c.host, WORDS),
        col("mail", visit.c.person_id, WORDS),
        col("length", func.nullif(func.length(visit.c.host), 3, type_=Integer), WORDS),
        where=~is_known,
    )
    return union(people, visitors)


EVERYBODY = Report(
    title=WORDS,
    description=WORDS,
    table=ReportRows(_everybody, COLLECTORS.__getitem__),
    order=("name",),
    key="everybody",
)


def fill(tenant: TenantData, people: int, visitors: int) -> set[str]:
    """Load people and visits, some of them of people; return the ids that the report has."""
    dice = random.Random(people * 100 + visitors)
    persons = [
        {"id": f"p{n}", "name": dice.choice(NAMES), "mail": dice.choice(("A@x", "b@x", None))}
        for n in range(people)
    ]
    visits = [
        {
            "id": f"v{n}",
            "happenedAt": T0,
            "personId": f"p{n}" if n % 3 == 0 else f"x{n % 2}",
            "host": dice.choice(NAMES),
        }
        for n in range(visitors)
    ]
    tenant.load("people", page("people", persons))
    tenant.load("visits", page("visits", visits))
    strangers = {f"v{n}" for n in range(visitors) if n % 3 or n >= people}
    return {f"p{n}" for n in range(people)} | strangers


def paged(
    tenant: TenantData, order: tuple[Order, ...], top: int, where: Condition | None = None
) -> Iterator[tuple[object, ...]]:
    after: tuple[object, ...] | None = None
    while True:
        found = tenant.ask(EVERYBODY, "id", "name", order=order, top=top, after=after, where=where)
        yield from found.rows
        if found.next is None:
            return
        assert len(found.rows) == top
        after = found.next


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("people", "visitors"), [(40, 25), (3, 40), (40, 3), (0, 7), (7, 0)])
def test_pages_of_any_size_are_the_list(
    tenant: TenantData, people: int, visitors: int, descending: bool
) -> None:
    expected = fill(tenant, people, visitors)
    # The last one is worked out for each row, and null for some of both lists.
    for first in ("name", "mail", "length"):
        order = (Order(first, descending), Order("id", descending))
        whole = tenant.ask(EVERYBODY, "id", "name", order=order).rows
        assert {row[0] for row in whole} == expected
        assert len(whole) == len(expected)
        for top in (1, 4, 25):
            assert list(paged(tenant, order, top)) == whole
        where = Compare("name", "ne", "Ada")
        some = tenant.ask(EVERYBODY, "id", "name", order=order, where=where).rows
        assert some == [row for row in whole if row[1] != "Ada"]
        assert list(paged(tenant, order, 4, where)) == some


def test_two_lists_stand_in_one_order(tenant: TenantData) -> None:
    fill(tenant, 30, 30)
    order = (Order("name"), Order("id"))
    names = [name for _, name in tenant.ask(EVERYBODY, "id", "name", order=order).rows]
    rank = {name: place for place, name in enumerate(("", "ada", "Ada", "Ádám", "Zoë", "さくら"))}
    known = [rank[name] for name in names if name in rank]
    assert known == sorted(known)
    assert len({*known}) == len(rank)


def test_what_is_worked_out_for_each_row_is_worked_out_once_a_page() -> None:
    stored = [
        reads_apart(EVERYBODY.query, COLLECTORS.__getitem__, name) for name in ("name", "mail")
    ]
    assert stored == [True, True]
    assert not reads_apart(EVERYBODY.query, COLLECTORS.__getitem__, "length")
