"""Workbooks of every report, by turns in both languages, opened by LibreOffice, which did not write them.

It makes CSV of one and workbooks of all, which are then read by openpyxl: values and types are the same. One
process for each of the two, for all reports.
"""

import csv
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.core import registry
from shared.core.report import ReportColumn
from shared.core.text import LANGS, Lang
from shared.render.parts.cells import texts_of, values_of
from tests.render.test_about_lines import about_of
from tests.render.test_xlsx import Row, file_of

_PROGRAM = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    _PROGRAM is None, reason="needs LibreOffice Calc (Debian: libreoffice-calc-nogui)"
)
# Commas, quotes where needed, UTF-8, cells as they are shown, every sheet.
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
_AT = datetime(2026, 3, 1, 15, 0, 5, 400_000, tzinfo=UTC)
_VALUES: Mapping[str, tuple[object, ...]] = {
    "text": ('=cmd|"/c calc"!A1', "髙﨑 ①㈱ <&> ]]>", "two\nlines, one cell", "\u202eevil\x01", "007"),
    "int": (0, -1, 2026, 1_234_567, 10**15),
    "float": (0.0, -0.5, 1 / 3, 12_345.678, 1e-7),
    "bool": (True, False, True, False, True),
    "date": (date(2026, 1, 31), date(1900, 3, 1), date(1899, 12, 31), date(2100, 2, 28), date(1, 1, 1)),
    "timestamp": (_AT, datetime(1, 1, 1, tzinfo=UTC), *[_AT.replace(year=1970 + n) for n in range(3)]),
    "json": (["a", "b"], {"k": [1, None]}, [], "text", [{"x": "=1"}]),
}  # fmt: skip

type Key = tuple[str, Lang]
# Each in one of the two by turns: half the time for nearly all that there is to find.
EVERY: tuple[Key, ...] = tuple((key, LANGS[n % 2]) for n, key in enumerate(registry.report_keys()))


def rows_of(key: str) -> list[Row]:
    """A row for each of the values, among them each column's words, and one in which all is null."""
    columns = registry.report(key).columns
    made = [tuple(_value(column, n) for column in columns) for n in range(5)]
    return [*made, (None,) * len(columns)]


def _value(column: ReportColumn, n: int) -> object:
    words = [code for code in column.labels if column.type == "text"]
    return words[n % len(words)] if words else _VALUES[column.type][n]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what was written, and below `xlsx` and `csv` what LibreOffice made of it."""
    folder = tmp_path_factory.mktemp("libreoffice")
    for key, lang in EVERY:
        about = about_of(key, lang, masked=False, format="xlsx")
        (folder / f"{key}-{lang}.xlsx").write_bytes(file_of(about, rows_of(key)))
    _convert(folder, "xlsx", *sorted(folder.glob("*.xlsx")))
    key, lang = EVERY[-1]
    _convert(folder, _CSV, folder / f"{key}-{lang}.xlsx")
    yield folder
    shutil.rmtree(folder)


def _convert(folder: Path, to: str, *files: Path) -> None:
    assert _PROGRAM is not None
    kind = to.partition(":")[0]
    home = f"-env:UserInstallation=file://{folder}/home"
    made = subprocess.run(
        [_PROGRAM, home, "--headless", "--convert-to", to, "--outdir", str(folder / kind), *files],
        capture_output=True,
        text=True,
        timeout=240,
    )
    # Of what it cannot open, or would have to repair, it makes nothing, and says so there.
    assert made.returncode == 0, made.stderr
    assert made.stdout.count(" using filter : ") == len(files), made.stderr
    assert "Error:" not in made.stdout + made.stderr, made.stderr
    assert len(list((folder / kind).glob(f"*.{kind}"))) >= len(files)


def book(file: Path) -> Any:
    return openpyxl.load_workbook(file)


@pytest.mark.parametrize(("key", "lang"), EVERY)
def test_what_it_understood_is_what_was_written(converted: Path, key: str, lang: Lang) -> None:
    ours = book(converted / f"{key}-{lang}.xlsx")
    theirs = book(converted / "xlsx" / f"{key}-{lang}.xlsx")
    assert theirs.sheetnames == ours.sheetnames
    first, again = ours.worksheets[0], theirs.worksheets[0]
    columns = registry.report(key).columns
    assert first.freeze_panes == "A2"  # It keeps no view where it has no window.
    assert again.auto_filter.ref == first.auto_filter.ref
    read = values_of(columns, lang, "Asia/Tokyo")
    for place, row in enumerate(rows_of(key), 2):
        for column, (value, tell) in enumerate(zip(row, read, strict=True), 1):
            mine, own = first.cell(place, column), again.cell(place, column)
            where = (columns[column - 1].id, place)
            assert own.data_type in _types(mine), where
            assert _comparable(own.value) == _comparable(mine.value), where
            typed = tell(value)
            if isinstance(typed, bool | int | float) and abs(typed) < 10**15:
                assert _comparable(own.value) == _comparable(typed), where
            if isinstance(typed, datetime) and typed.year > 1900:
                assert own.value == typed, where
    for mine, own in zip(
        ours.worksheets[-1].iter_rows(), theirs.worksheets[-1].iter_rows(), strict=False
    ):
        assert [_comparable(cell.value) for cell in own] == [
            _comparable(cell.value) for cell in mine
        ]


def _types(mine: Any) -> tuple[str, ...]:
    """What a cell may be to it: what is true is a formula, and an empty text is nothing."""
    if mine.value in ("", None):
        return ("n", "s")
    return ("b", "f") if mine.data_type == "b" else (mine.data_type,)


def _comparable(value: object) -> object:
    """An empty text is no cell to it; it decodes the escapes that openpyxl leaves as they are."""
    if value in ("=TRUE()", "=FALSE()"):  # So it keeps what is true.
        return value == "=TRUE()"
    if isinstance(value, str):
        return value.replace("_x005F_", "_") or None
    # As Excel does, it keeps fifteen digits.
    return pytest.approx(value, rel=1e-14) if isinstance(value, float) else value


def test_the_csv_that_it_makes_shows_what_a_reader_is_shown(converted: Path) -> None:
    key, lang = EVERY[-1]
    title = registry.report(key).title.of(lang)
    with (converted / "csv" / f"{key}-{lang}-{title}.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        header, *found = csv.reader(file)
    columns = registry.report(key).columns
    assert header == [column.ja if lang == "ja" else column.en for column in columns]
    shown = texts_of(columns, lang, "Asia/Tokyo")
    *rows, _ = rows_of(key)  # A row of nulls at the end is none.
    for row, cells in zip(rows, found, strict=True):
        for column, value, tell, cell in zip(columns, row, shown, cells, strict=True):
            if isinstance(value, bool) and not column.labels:
                assert cell == str(value).upper(), column.id
            elif isinstance(value, int | float) and not isinstance(value, bool):
                assert float(cell.replace(",", "")) == pytest.approx(value, rel=1e-8), column.id
            elif isinstance(value, datetime) and value.year < 1900:
                assert cell == "0001-01-01T00:00:00Z"  # A text, in UTC.
            else:
                assert cell == tell(value), column.id
