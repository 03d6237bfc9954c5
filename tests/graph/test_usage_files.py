"""Usage reports: columns by header, typed cells, cut files."""

import json
from datetime import date, timedelta
from io import BytesIO

import pytest

from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.errors import MalformedAnswer
from shared.core.rows import Rows
from shared.core.text import Text
from shared.graph.decoding.usage_files import read_usage_csv

SPEC = Collector(
    title=Text("Usage", "使用状況"),
    docs="https://learn.microsoft.com",
    ask=Get("reports/getUsage(period='{period}')"),
    answer=Csv(optional=("Rare",)),
    extent=Period(),
    keep=Daily(),
    columns=(
        Column("upn", "User Principal Name"),
        Column("deleted", "Is Deleted", "bool"),
        Column("last", "Last Activity Date", "date"),
        Column("used", "Storage Used (Byte)", "int"),
        Column("rare", "Rare"),
    ),
    permissions=(),
    every=timedelta(days=1),
    key=("User Principal Name",),
)
HEADER = "Report Refresh Date,User Principal Name,Is Deleted,Last Activity Date,Storage Used (Byte)"


def read(*lines: str, header: str = HEADER) -> tuple[tuple[str, ...], list[Rows]]:
    table = read_usage_csv(
        SPEC, BytesIO("\ufeff".encode() + "\r\n".join([header, *lines, ""]).encode())
    )
    return table.missing, list(table.batches)


def test_cells_are_typed_and_the_whole_line_is_kept() -> None:
    missing, batches = read(
        "2026-11-20,ann@x,False,2026-11-01,3000000000", '2026-11-20,"b,c@x",true,,'
    )
    assert missing == ()
    assert len(batches) == 1
    rows = batches[0]
    assert rows.ids == ["ann@x", "b,c@x"]
    assert rows.values == [
        ("ann@x", False, date(2026, 11, 1), 3_000_000_000, None),
        ("b,c@x", True, None, None, None),
    ]
    assert rows.dates == [date(2026, 11, 20)] * 2
    assert json.loads(rows.raws[0])["Storage Used (Byte)"] == "3000000000"


def test_columns_are_found_by_header_wherever_they_stand() -> None:
    header = "New Column,Storage Used (Byte),Last Activity Date,Is Deleted,User Principal Name,Report Refresh Date"
    _, [rows] = read("n,5,2026-11-01,False,ann@x,2026-11-20", header=header)
    assert rows.values == [("ann@x", False, date(2026, 11, 1), 5, None)]
    assert json.loads(rows.raws[0])["New Column"] == "n"


def test_a_column_that_is_gone_is_named_and_null() -> None:
    header = "Report Refresh Date,User Principal Name,Is Deleted,Last Activity Date"
    missing, [rows] = read("2026-11-20,ann@x,False,", header=header)
    assert missing == ("Storage Used (Byte)",)
    assert rows.values == [("ann@x", False, None, None, None)]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("2026-11-20,ann@x,perhaps,,", "Is Deleted"),
        ("2026-11-20,ann@x,False,yesterday,", "Last Activity Date"),
        ("2026-11-20,ann@x,False,,many", "Storage Used"),
        ("2026-11-20,ann@x,False,,9223372036854775808", "Storage Used"),
        ("2026-11-20,,False,,", "no key"),
    ],
)
def test_a_bad_cell_rejects_its_line_and_quotes_no_data(line: str, where: str) -> None:
    _, [rows] = read(line, "2026-11-20,ben@x,False,,1")
    assert rows.ids == ["ben@x"]
    assert where in rows.rejected[0].cause
    assert not any(word in rows.rejected[0].cause for word in ("perhaps", "yesterday", "many"))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html></html>",
        b"Report Refresh Date,Is Deleted\r\n",
        b"User Principal Name,Is Deleted\r\n",
        b"\xff\xfe",
    ],
)
def test_a_file_without_key_or_date_is_malformed(answer: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read_usage_csv(SPEC, BytesIO(answer))


@pytest.mark.parametrize("line", ["2026-11-20,ann@x,Fal", '2026-11-20,"ann@x,False,,1'])
def test_a_cut_line_is_malformed(line: str) -> None:
    with pytest.raises(MalformedAnswer):
        read("2026-11-20,ben@x,False,,1", line)


def test_a_long_report_comes_in_batches() -> None:
    _, batches = read(*(f"2026-11-20,u{n}@x,False,,{n}" for n in range(4500)))
    assert [len(rows.ids) for rows in batches] == [2000, 2000, 500]
