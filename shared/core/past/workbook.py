"""Reads the first sheet of an Excel workbook (ECMA-376), line by line in flat memory.

Of our own, from what Python has (zipfile and expat), because what is needed is small: texts, numbers, and
which cells are formulas. openpyxl builds an object a cell and leaves it to others to limit what a prepared
file unpacks to; python-calamine is compiled for each platform and tells of no formulas.
Nothing is followed to outside of the file; a document type, and so an entity, is refused.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from shared.core.past.refused import Refused

_PARTS, _UNPACKED, _TIMES, _STRINGS = 2_000, 256_000_000, 300, 1_000_000
_CHUNK = 1 << 16
_COLUMNS, _CHARACTERS = 200, 40_000
_PLACE = re.compile(r"([A-Z]{1,3})\d*", re.ASCII)
# Whatever zipfile, zlib and expat say of an archive that is damaged, cut or encrypted.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, OSError),
    *(NotImplementedError, RuntimeError, ValueError),
)


class Formula(str):
    """What a cell would show that says how it is reckoned: by whom, and of what, nobody knows."""

    __slots__ = ()


def lines_of(body: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of the first sheet that are not blank, with their numbers; Refused for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            _check(book)
            strings = _strings(book)
            with book.open(_first_sheet(book)) as part:
                yield from _lines(part, strings)
    except _BROKEN:
        raise Refused("workbook") from None


def _check(book: zipfile.ZipFile) -> None:
    parts = book.infolist()
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _PARTS or size > _UNPACKED or size > 10_000_000 + packed * _TIMES:
        raise Refused("bomb")


def _first_sheet(book: zipfile.ZipFile) -> str:
    """The part that holds the first sheet, as the workbook names it."""
    found: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, told: dict[str, str]) -> None:
        if name == "sheet" and not found:
            found.extend(value for key, value in told.items() if key.endswith(":id"))

    def relation(name: str, told: dict[str, str]) -> None:
        if name == "Relationship":
            targets[told.get("Id", "")] = told.get("Target", "")

    _parse(book.read("xl/workbook.xml"), sheet)
    _parse(book.read("xl/_rels/workbook.xml.rels"), relation)
    target = targets[found[0]] if found else "worksheets/sheet1.xml"
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Refused("workbook")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(document: bytes, begin: Any) -> None:
    parser = _parser()
    parser.StartElementHandler = lambda name, told: begin(name.rpartition(":")[2], told)
    parser.Parse(document, True)


class _Strings:
    """The texts that cells name by number; how a Japanese word is read (`rPh`) is no part of one."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._in_text = self._in_reading = False

    def begin(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        if name == "si":
            self._parts.clear()
        self._in_text |= name == "t"
        self._in_reading |= name == "rPh"

    def end(self, name: str) -> None:
        """An element ends."""
        self._in_text &= name != "t"
        self._in_reading &= name != "rPh"
        if name == "si":
            self.found.append("".join(self._parts)[:_CHARACTERS])
            if len(self.found) > _STRINGS:
                raise Refused("bomb")

    def text(self, data: str) -> None:
        """Text of an element."""
        if self._in_text and not self._in_reading:
            self._parts.append(data)


def _strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    strings, parser = _Strings(), _parser()
    parser.StartElementHandler, parser.EndElementHandler = strings.begin, strings.end
    parser.CharacterDataHandler = strings.text
    with book.open("xl/sharedStrings.xml") as part:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return strings.found


class _Rows:
    """What is made of the elements of a sheet: whole lines, to be taken away."""

    def __init__(self, strings: list[str]) -> None:
        self.done: list[tuple[int, list[str]]] = []
        self._strings, self._number = strings, 0
        self._cells: dict[int, str] = {}
        self._column, self._kind, self._formula = -1, "", False
        self._into: list[str] | None = None
        self._text: list[str] = []

    def begin(self, name: str, told: dict[str, str]) -> None:
        """An element begins."""
        if name == "row":
            given = told.get("r", "")
            self._number = int(given) if given.isdecimal() and len(given) < 9 else self._number + 1
            self._cells, self._column = {}, -1
        elif name == "c":
            self._column = _column(told.get("r", ""), self._column)
            self._kind, self._formula = told.get("t", "n"), False
            self._text = []
        elif name == "f":
            self._formula = True
        elif name in ("v", "t"):
            self._into = self._text

    def text(self, data: str) -> None:
        """Text of an element."""
        if self._into is not None:
            self._into.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._into = None
        elif name == "c" and 0 <= self._column < _COLUMNS:
            value = self._value("".join(self._text)[:_CHARACTERS])
            self._cells[self._column] = Formula(value) if self._formula else value
        elif name == "row" and any(self._cells.values()):
            width = max(self._cells) + 1
            self.done.append((self._number, [self._cells.get(n, "") for n in range(width)]))

    def _value(self, told: str) -> str:
        if self._kind == "s":
            return (
                self._strings[int(told)]
                if told.isdecimal() and int(told) < len(self._strings)
                else ""
            )
        if self._kind == "b":
            return "True" if told == "1" else "False"
        if self._kind == "e":
            return ""
        if self._kind == "n" and told and not told.isdecimal():
            try:
                return f"{float(told):.12f}".rstrip("0").rstrip(".")
            except ValueError:
                return told
        return told


def _column(place: str, last: int) -> int:
    """The number of a column from its letters, that after the `last` one without any."""
    if (found := _PLACE.fullmatch(place)) is None:
        return last + 1
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _lines(part: IO[bytes], strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    rows, parser, width = _Rows(strings), _parser(), 0
    parser.StartElementHandler, parser.EndElementHandler = rows.begin, rows.end
    parser.CharacterDataHandler = rows.text
    while True:
        chunk = part.read(_CHUNK)
        parser.Parse(chunk, not chunk)
        for number, cells in rows.done:
            width = width or len(cells)
            # Blank cells at the end of a line are not there.
            yield number, cells + [""] * (width - len(cells))
        rows.done.clear()
        if not chunk:
            return
