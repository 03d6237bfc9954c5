"""The sheets of a report's workbook as XML: the table, and what the report says of itself."""

import unicodedata
from collections.abc import Iterator, Sequence
from math import ceil

from msgspec import Struct

from shared.core.report import ReportColumn
from shared.core.text import Lang
from shared.render.parts.about_lines import Section
from shared.render.parts.cells import texts_of
from shared.render.parts.columns import header
from shared.render.parts.sheet_cells import (
    HEAD,
    TITLE,
    WRAPPED,
    RowWriter,
    Told,
    letters,
    text_cell,
)
from shared.render.parts.workbook import FITS, MAIN, PAGE, RELATIONS, XML, Sheet, sheet_name

_OPEN = f'{XML}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
_NARROWEST, _WIDEST = 9, 60
# Room for the arrow of the filter.
_ARROW = 3
# The height of a line, in points.
_LINE = 15
_ABOUT_WIDTHS = (34, 60, 22, 34, 60, 24, 60)


class Bounds(Struct, frozen=True):
    """The most rows of a sheet, its header included, and the most bytes of its XML: of a part over 2 GB
    neither readers nor `zipfile` make much."""

    rows: int
    size: int


class TableSheets:
    """The rows of an answer, on as many sheets as they take. `sheets` are those written so far."""

    def __init__(
        self, title: str, columns: Sequence[ReportColumn], lang: Lang, zone: str, bounds: Bounds
    ) -> None:
        self.sheets: list[Sheet] = []
        self.told = Told()
        self._title, self._columns, self._lang, self._zone = title, columns, lang, zone
        self._bounds = bounds
        self._writer = RowWriter(columns, lang, zone)
        self._writer.told = self.told

    def written(
        self, batches: Iterator[Sequence[tuple[object, ...]]]
    ) -> Iterator[tuple[Sheet, Iterator[str]]]:
        """Yield each sheet and its XML, which has to be gone through before the next one comes."""
        left = _Batches(batches)
        while not self.sheets or left.more():
            name = sheet_name(self._title, len(self.sheets) + 1)
            sheet = Sheet(name=name)
            self.sheets.append(sheet)
            yield sheet, self._sheet(sheet, left)

    def _sheet(self, sheet: Sheet, left: "_Batches") -> Iterator[str]:
        yield _OPEN + FITS + _FROZEN + self._widths(left.peek()) + "<sheetData>" + self._header()
        number, size = 2, 0
        while (room := self._bounds.rows - number + 1) > 0 and size < self._bounds.size:
            batch = left.take(room)
            if not batch:
                break
            part = self._writer.rows(batch, number)
            number, size = number + len(batch), size + len(part)
            yield part
        sheet.table = f"A1:{letters(len(self._columns) - 1)}{number - 1}"
        yield f'</sheetData><autoFilter ref="{sheet.table}"/>{PAGE}</worksheet>'

    def _header(self) -> str:
        cells = (
            text_cell(f"{letters(place)}1", header(column, self._lang), HEAD, self.told)
            for place, column in enumerate(self._columns)
        )
        return f'<row r="1">{"".join(cells)}</row>'

    def _widths(self, batch: Sequence[tuple[object, ...]]) -> str:
        shown = texts_of(self._columns, self._lang, self._zone)
        found = []
        for place, (column, tell) in enumerate(zip(self._columns, shown, strict=True)):
            widest = max((_width(tell(row[place])) for row in batch), default=0)
            found.append(max(_width(header(column, self._lang)) + _ARROW, widest + 1))
        return _cols(found)


_FROZEN = (
    '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>'
)


class _Batches:
    """Batches of rows, of which some may be taken and the rest be left for the next sheet."""

    def __init__(self, batches: Iterator[Sequence[tuple[object, ...]]]) -> None:
        self._batches = batches
        self._rest: Sequence[tuple[object, ...]] = ()

    def more(self) -> bool:
        return bool(self.peek())

    def peek(self) -> Sequence[tuple[object, ...]]:
        while not self._rest:
            if (batch := next(self._batches, None)) is None:
                return ()
            self._rest = batch
        return self._rest

    def take(self, most: int) -> Sequence[tuple[object, ...]]:
        batch = self.peek()
        taken, self._rest = batch[:most], batch[most:]
        return taken


def about_sheet(title: str, sections: Sequence[Section]) -> Iterator[str]:
    """Yield the sheet on which a report says of itself what `sections` say."""
    yield f"{_OPEN}{FITS}{_cols(_ABOUT_WIDTHS, widest=max(_ABOUT_WIDTHS))}<sheetData>"
    lines, told = _Lines(), Told()
    yield lines.row([title], TITLE, told)
    for section in sections:
        lines.skip()
        yield lines.row([section.heading], TITLE, told)
        if section.header:
            yield lines.row(section.header, HEAD, told)
        for line in section.lines:
            yield lines.row(line, WRAPPED, told)
        for note in section.notes:
            yield lines.row(["", note], WRAPPED, told)
    yield f"</sheetData>{PAGE}</worksheet>"


class _Lines:
    def __init__(self) -> None:
        self._number = 0

    def skip(self) -> None:
        self._number += 1

    def row(self, texts: Sequence[str], style: int, told: Told) -> str:
        self._number += 1
        cells = (
            text_cell(f"{letters(place)}{self._number}", one, style, told)
            for place, one in enumerate(texts)
            if one
        )
        height = f' ht="{_LINE * _lines(texts)}" customHeight="1"' if style == WRAPPED else ""
        return f'<row r="{self._number}"{height}>{"".join(cells)}</row>'


def _lines(texts: Sequence[str]) -> int:
    """How many lines the tallest of the cells takes: not every program finds that out by itself."""
    told = zip(texts, _ABOUT_WIDTHS, strict=False)
    return max(
        (
            sum(max(1, ceil(_width(line) / width)) for line in one.split("\n"))
            for one, width in told
        ),
        default=1,
    )


def _cols(widths: Sequence[int], widest: int = _WIDEST) -> str:
    found = (
        f'<col min="{n}" max="{n}" width="{min(max(width, _NARROWEST), widest)}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    return f"<cols>{''.join(found)}</cols>"


def _width(shown: str) -> int:
    """The widest line in digits: a sign of East Asia takes two."""
    if shown.isascii():
        return len(shown) if "\n" not in shown else max(map(len, shown.split("\n")))
    return max(
        sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)
        for line in shown[:1000].split("\n")
    )
