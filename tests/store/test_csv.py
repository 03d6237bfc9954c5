"""CSV as PostgreSQL formats it, byte by byte."""

from datetime import UTC, date, datetime

import pytest

from shared.core.query import CsvStyle, Match, Order, ReportQuery
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

COLUMNS = ("name", "age", "active", "born_at", "weight", "tags", "order", "stage")
PEOPLE: list[dict[str, object]] = [
    {
        "id": "a",
        "name": "=1+1",
        "age": 42,
        "active": True,
        "bornAt": datetime(2026, 1, 31, 15, 0, 5, 250000, tzinfo=UTC),
        "weight": 12.5,
        "tags": ["x"],
        "order": date(2024, 2, 29),
    },
    {"id": "b", "name": '山田 "T", 太郎\nx', "age": -7, "active": False},
    {"id": "c"},
]


def csv(tenant: TenantData, style: CsvStyle, *columns: str) -> str:
    question = ReportQuery(as_of=None, columns=columns, order=(Order("id"),), top=1)
    chunks = tenant.csv(PEOPLE_REPORT, question, style)
    return b"".join(chunks).decode()


@pytest.fixture
def people(tenant: TenantData) -> TenantData:
    tenant.load("people", page("people", PEOPLE))
    return tenant


def test_neutral_style(people: TenantData) -> None:
    style = CsvStyle(headers=COLUMNS, labels={"stage": {"adult": "Adult, grown"}})
    assert csv(people, style, *COLUMNS) == (
        "\ufeffname,age,active,born_at,weight,tags,order,stage\r\n"
        '\'=1+1,42,true,2026-01-31T15:00:05Z,12.5,"[""x""]",2024-02-29,"Adult, grown"\r\n'
        '"山田 ""T"", 太郎\nx",-7,false,,,,,minor\r\n'
        ",,,,,,,\r\n"
    )


def test_compatible_style(people: TenantData) -> None:
    style = CsvStyle(
        headers=("名前", 'A "quoted" header', "有効", "日時", "段階"),
        labels={"stage": {"adult": "成人", "minor": "未成年"}, "active": {"true": "有効"}},
        quote_all=True,
        time_zone="Asia/Tokyo",
        booleans=("True", "False"),
        bom=False,
    )
    assert csv(people, style, "name", "age", "active", "born_at", "stage") == (
        '"名前","A ""quoted"" header","有効","日時","段階"\r\n'
        '"\'=1+1","42","有効","2026-02-01 00:00:05","成人"\r\n'
        '"山田 ""T"", 太郎\nx","-7","False","","未成年"\r\n'
        '"","","","",""\r\n'
    )


@pytest.mark.parametrize(
    "start",
    [*"=+-@\t\r\n＝＋－＠", " =", "  +", " \t-", "\u3000@", "\xa0＝", "\ufeff=", "\u200b="],
)
def test_no_cell_is_a_formula(tenant: TenantData, start: str) -> None:
    tenant.load("people", page("people", [{"id": "a", "name": f"{start}cmd", "mail": "a=b"}]))
    style = CsvStyle(headers=("n", "m"), labels={}, quote_all=True, bom=False)
    # Where a tab separates, what follows one begins a cell of its own.
    dead = " \t'-" if start == " \t-" else start
    assert csv(tenant, style, "name", "mail") == f'"n","m"\r\n"\'{dead}cmd","a=b"\r\n'


def test_the_whole_answer_comes_whatever_the_page_size(tenant: TenantData) -> None:
    rows = [{"id": f"{n:05}", "name": "x" * 50} for n in range(5000)]
    tenant.load("people", page("people", rows))
    style = CsvStyle(headers=("id", "name"), labels={})
    question = ReportQuery(
        as_of=None,
        columns=("id", "name"),
        order=(Order("id", descending=True),),
        where=Match("id", "startswith", "0"),
        top=1,
        after=("00003",),
    )
    chunks = list(tenant.csv(PEOPLE_REPORT, question, style))
    assert max(map(len, chunks)) < 70_000
    lines = b"".join(chunks).decode().split("\r\n")
    assert len(lines) == 5002
    assert lines[1].startswith("04999,")


def test_an_export_that_nobody_finishes_gives_its_session_back(tenant: TenantData) -> None:
    rows = [{"id": f"{n:05}", "name": "x" * 50} for n in range(5000)]
    tenant.load("people", page("people", rows))
    style = CsvStyle(headers=("id", "name"), labels={})
    question = ReportQuery(as_of=None, columns=("id", "name"), order=(Order("id"),))
    for _ in range(10):  # more often than the pool has sessions
        chunks = tenant.csv(PEOPLE_REPORT, question, style)
        assert next(chunks).endswith(b"name\r\n")
        assert next(chunks).startswith(b"00000,")
        chunks.close()  # type: ignore[attr-defined]
    assert len(tenant.ask(PEOPLE_REPORT, top=3).rows) == 3
