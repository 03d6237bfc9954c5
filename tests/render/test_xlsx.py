"""Workbooks, read by openpyxl: types, zones, odd texts, bounds of a worksheet, what the report says of itself."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl.chart import BarChart

from shared.core.format import About
from shared.core.query import CsvStyle
from shared.core.question import read_question
from shared.core.registry import of, report
from shared.core.report import REPORTS, ReportColumn, ValueType
from shared.core.text import Lang
from shared.render.parts.sheet_cells import RowWriter, letters
from shared.render.parts.workbook import sheet_name
from shared.render.xlsx import write
from tests.render.test_about_lines import NOW, about_of

AT = datetime(2026, 3, 1, 15, 0, 5, 999_000, tzinfo=UTC)
type Row = tuple[object, ...]


class Given:
    """Rows that are known."""

    def __init__(self, *batches: Sequence[Row]) -> None:
        self.batches = batches

    def stream(self) -> Iterator[Sequence[Row]]:
        yield from self.batches

    def csv_lines(self, style: CsvStyle) -> Iterator[list[bytes]]:
        raise AssertionError(style)


def book_of(about: About, *batches: Sequence[Row], **bounds: int) -> Any:
    return openpyxl.load_workbook(io.BytesIO(file_of(about, *batches, **bounds)))


def file_of(about: About, *batches: Sequence[Row], **bounds: int) -> bytes:
    return b"".join(write(about, Given(*batches), **bounds))


def cell_of(kind: ValueType, value: object, zone: str = "UTC") -> ET.Element:
    """The one cell of a row that holds `value`."""
    writer = RowWriter([ReportColumn("c", kind, "C", "列")], "en", zone)
    return ET.fromstring(writer.rows([(value,)], 2))[0]  # noqa: S314 - our own


def text_of(cell: ET.Element) -> str:
    return "".join(cell.itertext())


def people(lang: Lang = "ja", **asked: str) -> About:
    return about_of("users", lang, masked=False, format="xlsx", **asked)


def test_cells_have_the_types_of_their_columns() -> None:
    about = people(
        "en", select="display_name,account_status,created_at,inactive_days", timeZone="UTC"
    )
    book = book_of(about, [("佐藤", "enabled", AT, 12_345), (None, "odd_code", None, None)])
    header, first, second = book.worksheets[0].iter_rows()
    assert [cell.value for cell in header] == [
        "Display name", "Account status", "Created", "Days unused",
    ]  # fmt: skip
    assert [cell.value for cell in first] == [
        "佐藤",
        "Enabled",
        datetime(2026, 3, 1, 15, 0, 5),  # noqa: DTZ001
        12_345,
    ]
    assert [cell.data_type for cell in first] == ["s", "s", "d", "n"]
    assert [cell.value for cell in second] == [None, "odd_code", None, None]
    assert (book.worksheets[0].freeze_panes, book.worksheets[0].auto_filter.ref) == ("A2", "A1:D3")


def test_instants_are_those_of_the_zone_asked_for_which_is_named() -> None:
    book = book_of(people(select="created_at"), [(AT,)])
    assert book.worksheets[0]["A2"].value == datetime(2026, 3, 2, 0, 0, 5)  # noqa: DTZ001
    about = [cell.value for row in book["このレポートについて"] for cell in row]
    assert "2026-01-31 18:30:15 (Asia/Tokyo)" in about
    # Before and after the clocks of Berlin went back, in one file.
    writer = RowWriter([ReportColumn("c", "timestamp", "C", "列")], "en", "Europe/Berlin")
    hours = [(datetime(2026, 10, 25, hour, 30, tzinfo=UTC),) for hour in (0, 1, 2)]
    rows = ET.fromstring(f"<x>{writer.rows(hours, 2)}</x>")  # noqa: S314 - our own
    told = [openpyxl.utils.datetime.from_excel(float(text_of(row[0]))) for row in rows]
    assert [f"{one:%H:%M}" for one in told] == ["02:30", "02:30", "03:30"]


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|"/c calc"!A1', "\t=1", "＝1", "http://x.example"],
)
def test_no_text_is_a_formula_or_a_link(typed: str) -> None:
    document = file_of(people(select="display_name"), [(typed,)])
    cell = openpyxl.load_workbook(io.BytesIO(document)).worksheets[0]["A2"]
    # The format Text: it stays one when the cell is edited.
    assert (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None)
    assert cell.value == typed
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00\x01\x0bb", "a\ufffd\ufffd\ufffdb"),
        ("\u202eevil\ud800", "\ufffdevil\ufffd"),
        ("]]><x/>&amp;", "]]><x/>&amp;"),
        ("  blanks  ", "  blanks  "),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("_x0041_ _x_", "_x005F_x0041_ _x_"),
        ("", ""),
    ],
)
def test_odd_texts_are_kept_or_shown(typed: str, kept: str) -> None:
    assert text_of(cell_of("text", typed)) == kept
    # And so in a batch in which nothing else is odd.
    writer = RowWriter([ReportColumn("c", "text", "C", "列")], "en", "UTC")
    document = f"<x>{writer.rows([('plain',), (typed,), (None,)], 2)}</x>"
    rows = ET.fromstring(document)  # noqa: S314 - our own
    assert [text_of(row[0]) for row in rows if len(row)] == ["plain", kept]
    # Readers may drop blanks at the ends and lines unless they are told not to.
    text = next(rows[1].iter("t"))
    blank = kept != kept.strip() or "\n" in kept
    assert (text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve") is blank


@pytest.mark.parametrize("letter", ["x", "髙", "𠮷"])
def test_a_text_too_long_for_a_cell_is_cut_and_the_reader_told(letter: str) -> None:
    about = people(select="display_name")
    book = book_of(about, [(letter * 32_768,), (letter * 5,)])
    first = book.worksheets[0]["A2"].value
    assert first.endswith("…")
    assert len(first.encode("utf-16-le")) // 2 in (32_766, 32_767)
    told = [cell.value for row in book["このレポートについて"] for cell in row if cell.value]
    assert any("32,767" in one and "1 件" in one for one in told)
    whole = [
        cell.value for row in book_of(about, [("x",)]).worksheets[1] for cell in row if cell.value
    ]
    assert not any("32,767" in one for one in whole)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 10**15),
        ("int", -(2**63)),
        ("float", float("nan")),
        ("float", float("inf")),
        ("date", date(1900, 2, 28)),
        ("timestamp", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_a_number_cannot_hold_is_text(kind: ValueType, value: object) -> None:
    cell = cell_of(kind, value)
    assert cell.get("t") == "inlineStr"
    shown = "0001-01-01T00:00:00Z" if kind == "timestamp" else str(value)
    assert text_of(cell) == shown


def test_first_days_and_last_digits_are_exact() -> None:
    assert text_of(cell_of("date", date(1900, 3, 1))) == "61"
    assert text_of(cell_of("int", 10**15 - 1)) == "999999999999999"
    assert float(text_of(cell_of("float", 0.1 + 0.2))) == 0.1 + 0.2
    assert (cell_of("bool", False).get("t"), text_of(cell_of("bool", False))) == ("b", "0")


def test_rows_beyond_a_sheet_go_on_on_the_next() -> None:
    about = people("en", select="display_name")
    batches = [[(f"p{n + 3 * batch}",) for n in range(3)] for batch in range(3)]
    book = book_of(about, *batches, most_rows=5)
    assert book.sheetnames == ["User list", "User list (2)", "User list (3)", "About this report"]
    found = [sheet["A"][1:] for sheet in book.worksheets[:3]]
    assert [len(cells) for cells in found] == [4, 4, 1]
    assert [cell.value for cells in found for cell in cells] == [f"p{n}" for n in range(9)]
    assert [sheet["A1"].value for sheet in book.worksheets[:3]] == ["Display name"] * 3
    told = [cell.value for row in book.worksheets[3] for cell in row if cell.value]
    assert any("3 sheets" in one for one in told)
    # The same by the size of a sheet's XML.
    by_size = book_of(about, *batches, most_bytes=1)
    assert len(by_size.sheetnames) == 4


def test_no_row_is_a_table_of_its_header() -> None:
    book = book_of(people("en", select="id,display_name"))
    assert book.sheetnames == ["User list", "About this report"]
    assert [[cell.value for cell in row] for row in book.worksheets[0]] == [
        ["Object id", "Display name"]
    ]
    assert book.worksheets[0].auto_filter.ref == "A1:B1"


def test_every_title_is_the_name_of_a_sheet() -> None:
    for key, one in of(REPORTS).items():
        for title in (one.title.en, one.title.ja):
            name = sheet_name(title)
            assert 0 < len(name) <= 31, key
            assert not set(name) & set("[]:*?/\\")
    assert sheet_name("a" * 40, 12) == "a" * 26 + " (12)"
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_part_is_finished_while_rows_are_read() -> None:
    """Nothing is kept until the end."""
    about = people("en", select="id,display_name")
    sent, read = 0, []

    class Watched(Given):
        def stream(self) -> Iterator[Sequence[Row]]:
            for batch in range(60):
                read.append(sent)
                yield [(f"{batch}-{n * 7919 % 500}", f"{n * 31337}") for n in range(500)]

    for part in write(about, Watched()):
        sent += len(part)
    assert read[30] > sent / 4


def test_a_question_in_a_time_zone_needs_no_compat() -> None:
    asked = {"format": "xlsx", "timeZone": "Europe/Berlin"}
    assert read_question(asked, report("users"), "en", NOW).time_zone == "Europe/Berlin"


def test_a_chart_is_drawn_of_what_every_format_draws() -> None:
    about = about_of(
        "usage", "ja", masked=False, format="xlsx", select="service_name,total_users,active_users"
    )
    book = book_of(about, [("exchange", 120, 80), ("teams", 100, None)])
    assert book.sheetnames[1] == "グラフ"
    sheet = book["グラフ"]
    [chart] = sheet._charts
    assert isinstance(chart, BarChart)
    rows = [[cell.value for cell in row[:3]] for row in sheet.iter_rows(min_row=3)]
    header = ["サービス名", "総ユーザー数", "アクティブユーザー数"]
    assert rows == [header, ["Exchange", 120, 80], ["Teams", 100, None]]
    names = {one.cat.strRef.f for one in chart.series}
    values = [one.val.numRef.f for one in chart.series]
    assert (names, values) == ({"'グラフ'!$A$4:$A$5"}, ["'グラフ'!$B$4:$B$5", "'グラフ'!$C$4:$C$5"])


def test_no_rows_and_no_column_of_names_are_no_chart() -> None:
    about = about_of("usage", "en", masked=False, format="xlsx")
    assert book_of(about).sheetnames == ["Usage analysis", "About this report"]
    about = about_of("usage", "en", masked=False, format="xlsx", select="total_users")
    assert book_of(about, [(1,)]).sheetnames == ["Usage analysis", "About this report"]


def test_all_of_a_long_text_about_the_report_is_seen() -> None:
    about = about_of("performance", "ja", masked=False, format="xlsx")
    sheet = book_of(about)["このレポートについて"]
    told = about.question.report.description.ja
    [cell] = [cell for row in sheet for cell in row if cell.value == told]
    # A line is 15 points high and holds thirty letters of Japanese.
    assert sheet.row_dimensions[cell.row].height >= 15 * len(told) / 30 - 15
    assert cell.alignment.wrap_text
    assert sheet.row_dimensions[cell.row - 1].height == 15
