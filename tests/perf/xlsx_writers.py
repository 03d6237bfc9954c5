"""Writes a workbook of made-up rows, ours and openpyxl's: twenty columns of all types."""

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.core.report import ReportColumn, ValueType
from tests.perf.measure import Figures, cpu_seconds, peak_rss_mb

_TEXTS: tuple[ValueType, ...] = ("text",) * 9
_NUMBERS: tuple[ValueType, ...] = ("int", "int", "int", "int", "float", "float", "bool")
_TIMES: tuple[ValueType, ...] = ("timestamp", "timestamp", "timestamp", "date")
_KINDS = (*_TEXTS, *_NUMBERS, *_TIMES)
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 500

COLUMNS = [ReportColumn(f"c{n}", kind, f"Column {n}", f"列 {n}") for n, kind in enumerate(_KINDS)]

type Row = tuple[object, ...]


def made_up(count: int) -> Iterator[list[Row]]:
    """Yield batches of rows, as the store does."""
    names = [f"佐藤 太郎 {n}" for n in range(500)]
    names += [f"user{n}@contoso.example" for n in range(500)]
    for first in range(0, count, _BATCH):
        yield [_row(n, names) for n in range(first, min(count, first + _BATCH))]


def _row(n: int, names: Sequence[str]) -> Row:
    texts = (
        f"{n:08x}-1111-2222-3333-{n * 7:012x}",
        *(names[(n * (k + 3) + k) % 1000] for k in range(8)),
    )
    numbers = (n, n * 3, None if n % 3 else 5, n % 100, n / 7, 0.5, n % 2 == 0)
    instants = (
        _BEGAN + timedelta(seconds=n * 61),
        _BEGAN - timedelta(seconds=n),
        None if n % 5 else _BEGAN,
    )
    return (*texts, *numbers, *instants, date(2026, 1, 1 + n % 28))


def ours(job: Mapping[str, Any]) -> Figures:
    """Write it as the product does."""
    from shared.render.parts.sheets import Bounds, TableSheets
    from shared.render.parts.workbook import Workbook

    def write(file: Path, count: int) -> None:
        book = Workbook("Made up", _BEGAN)
        table = TableSheets(
            "Made up", COLUMNS, "en", "Asia/Tokyo", Bounds(1_048_576, 1_500_000_000)
        )
        with file.open("wb") as out:
            for sheet, parts in table.written(made_up(count)):
                for part in book.sheet(sheet, parts):
                    out.write(part)
            out.write(book.end())

    return _measured(write, int(job["rows"]))


def theirs(job: Mapping[str, Any]) -> Figures:
    """Write it with openpyxl, which wants instants without a zone."""
    from openpyxl import Workbook

    def write(file: Path, count: int) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Made up")
        sheet.append([column.en for column in COLUMNS])
        for batch in made_up(count):
            for row in batch:
                sheet.append(
                    [one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in row]
                )
        book.save(file)

    return _measured(write, int(job["rows"]))


def _measured(write: Callable[[Path, int], None], count: int) -> Figures:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "first.xlsx", 10)
        before, file = peak_rss_mb(), Path(folder) / "book.xlsx"
        cpu, wall = -cpu_seconds(), -time.perf_counter()
        write(file, count)
        cpu, wall = cpu + cpu_seconds(), wall + time.perf_counter()
        growth, size = peak_rss_mb() - before, file.stat().st_size / 1e6
        _check(file, count)
    return {"cpu_ms": cpu * 1000, "wall_s": wall, "mb_out": size, "rss_growth_mb": growth}


def _check(file: Path, count: int) -> None:
    """Every row is in it."""
    with zipfile.ZipFile(file) as parts:
        found = parts.read("xl/worksheets/sheet1.xml").count(b"<row ")
    assert found == count + 1, (found, count)
