"""Addresses are the same in any letter case: filters, orders, pages, exports and the index."""

import sys

import psycopg
import pytest

from shared.core.query import (
    Compare,
    Condition,
    CsvStyle,
    Match,
    Negation,
    OneOf,
    Order,
    ReportQuery,
)
from shared.store.answers.conditions import lowered
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, minute, page
from tests.store.test_search import plan

pytestmark = pytest.mark.stack

MAILS = ("Hanako.Sato@Contoso.com", "bob@contoso.com", "ANN@contoso.com", "ärger@contoso.com")
HANAKO = "id0"


@pytest.fixture
def people(tenant: TenantData) -> TenantData:
    """Four people whose addresses are written as somebody happened to write them."""
    rows = [{"id": f"id{n}", "name": "N", "mail": mail} for n, mail in enumerate(MAILS)]
    tenant.load("people", page("people", [*rows, {"id": "none", "name": "N"}]))
    return tenant


@pytest.mark.parametrize(
    "where",
    [
        Compare("mail", "eq", "hanako.sato@contoso.com"),
        Compare("mail", "eq", "HANAKO.SATO@CONTOSO.COM"),
        Match("mail", "startswith", "hanako.S"),
        Match("mail", "contains", "KO.sa"),
        Match("mail", "endswith", "SATO@contoso.COM"),
        OneOf("mail", ("HANAKO.sato@contoso.com", "nobody@contoso.com")),
    ],
)
def test_an_address_is_found_however_it_is_written(people: TenantData, where: Condition) -> None:
    for as_of in (None, minute(1)):
        assert people.ask(PEOPLE_REPORT, "id", "mail", where=where, as_of=as_of).rows == [
            (HANAKO, MAILS[0])
        ]
        question = ReportQuery(as_of=as_of, columns=("mail",), order=(Order("id"),), where=where)
        style = CsvStyle(headers=("Mail",), labels={}, bom=False)
        text = b"".join(people.csv(PEOPLE_REPORT, question, style)).decode()
        assert text == f"Mail\r\n{MAILS[0]}\r\n"
    assert people.ask(PEOPLE_REPORT, where=where, count=True).total == 1


def test_what_differs_in_letter_case_only_is_not_different(people: TenantData) -> None:
    where = Compare("mail", "ne", "hanako.sato@contoso.com")
    assert [row[0] for row in people.ask(PEOPLE_REPORT, where=where).rows] == [
        "id1",
        "id2",
        "id3",
        "none",
    ]
    not_that = Negation(Compare("mail", "eq", "hanako.sato@contoso.com"))
    assert len(people.ask(PEOPLE_REPORT, where=not_that).rows) == 4


@pytest.mark.parametrize("mail", ["\u0130stanbul@x.example", "\u039f\u0394\u039f\u03a3@x.example"])
def test_an_address_is_found_as_it_is_written_in_any_script(tenant: TenantData, mail: str) -> None:
    """Dotted capital I and a sigma that ends a word: Python and PostgreSQL make them small differently."""
    tenant.load("people", page("people", [{"id": "a", "name": "N", "mail": mail}]))
    for where in (
        Compare("mail", "eq", mail),
        OneOf("mail", (mail,)),
        Match("mail", "startswith", mail[:4]),
    ):
        assert [row[0] for row in tenant.ask(PEOPLE_REPORT, "id", where=where).rows] == ["a"]


def test_every_letter_is_made_small_as_the_database_makes_it_small(owner_url: str) -> None:
    letters = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    cased = [letter for letter in letters if letter.lower() != letter]
    assert len(cased) > 1000
    with psycopg.connect(owner_url) as owner:
        query = 'SELECT lower(letter COLLATE "default") FROM unnest(%s::text[]) WITH ORDINALITY'
        found = owner.execute(f"{query} AS l(letter, place) ORDER BY place", [cased]).fetchall()
    differ = [
        letter for letter, (small,) in zip(cased, found, strict=True) if small != lowered(letter)
    ]
    assert differ == []


@pytest.mark.parametrize("descending", [False, True])
def test_addresses_sort_and_page_without_letter_case(people: TenantData, descending: bool) -> None:
    order = (Order("mail", descending), Order("id", descending))
    seen: list[object] = []
    after: tuple[object, ...] | None = None
    while True:
        found = people.ask(PEOPLE_REPORT, "id", order=order, top=1, after=after)
        seen += [row[0] for row in found.rows]
        after = found.next
        if after is None:
            break
    expected = ["id2", "id1", "id0", "id3", "none"]
    assert seen == (expected[::-1] if descending else expected)


def test_other_text_keeps_its_letter_case(people: TenantData) -> None:
    assert people.ask(PEOPLE_REPORT, where=Compare("name", "eq", "n")).rows == []


def test_a_prefix_in_any_letter_case_is_an_index_range(tenant: TenantData, owner_url: str) -> None:
    many = [{"id": f"{n:05}", "mail": f"P{n:05}@Contoso.com"} for n in range(3000)]
    tenant.load("people", page("people", many))
    where = Match("mail", "startswith", "p0012")
    found = plan(tenant, where, owner_url)
    assert "people_mail" in found
    assert "Seq Scan" not in found
    assert len(tenant.ask(PEOPLE_REPORT, where=Match("mail", "startswith", "P0012")).rows) == 10
