"""The lines of a file as cells: CSV in any separator that the tool or Excel wrote, or a workbook.

Memory stays flat: a line is read when it is asked for.
"""

import csv
from collections.abc import Iterator
from itertools import chain, islice

from msgspec import Struct

from shared.core.past.decoding import Encoding, encoding_of, opened
from shared.core.past.refused import Refused

MOST_COLUMNS, MOST_ROWS = 200, 200_000
_SEPARATORS = ",;\t"
# As much of the header as it takes to tell; csv has a limit of its own for a cell.
_LOOKED_AT = 50_000
_ZIP = b"PK\x03\x04"

type Line = tuple[int, list[str]]


class Sheet(Struct, frozen=True):
    """How a file is written, its headers, and the lines below them with the number of each."""

    form: str
    encoding: str | None
    separator: str | None
    headers: list[str]
    lines: Iterator[Line]


def sheet_of(body: bytes) -> Sheet:
    """Return the table of a file; Refused if there is none in it. Lines raise Refused as they are read."""
    if body.startswith(_ZIP):
        from shared.core.past.workbook import lines_of

        lines = _limited(lines_of(body))
        return Sheet("xlsx", None, None, _headers(lines), lines)
    encoding = encoding_of(body)
    separator = _separator(body, encoding)
    lines = _limited(_csv(body, encoding, separator))
    name = encoding.name.removesuffix("-sig") + (" BOM" if encoding.marked else "")
    return Sheet("csv", name, separator, _headers(lines), lines)


def _headers(lines: Iterator[Line]) -> list[str]:
    _, headers = next(lines, (1, []))
    if not headers:
        raise Refused("empty")
    if len(headers) > MOST_COLUMNS:
        raise Refused("columns")
    return [header.strip().lstrip("\ufeff")[:MOST_COLUMNS] for header in headers]


def _separator(body: bytes, encoding: Encoding) -> str:
    """The sign that divides the header into most columns; a first line `sep=;` says it."""
    with opened(body, encoding) as text:
        first = next((line for line in islice(text, 20) if _tells(line)), "")
    first = first[:_LOOKED_AT]
    if first[:4].lower() == "sep=":
        return first[4:5] if first[4:5] in _SEPARATORS else ","
    return max(_SEPARATORS, key=lambda one: len(next(csv.reader([first], delimiter=one), [])))


def _tells(line: str) -> bool:
    """Whether a line before the table is none of the remarks that some versions put there."""
    return bool(line.strip()) and not line.startswith("#")


def _csv(body: bytes, encoding: Encoding, separator: str) -> Iterator[Line]:
    with opened(body, encoding) as text:
        # What stands before the header is no CSV: it may have quotation marks that are never closed.
        before = 0
        for line in text:
            before += 1
            if _tells(line) and line[:4].lower() != "sep=":
                break
        else:
            return
        reader = csv.reader(chain([line], text), delimiter=separator, strict=True)
        while True:
            at = before + reader.line_num
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise Refused("half" if "end of data" in str(error) else "csv", at) from None
            if cells is None:
                return
            if cells:
                yield at, cells


def _limited(lines: Iterator[Line]) -> Iterator[Line]:
    for count, line in enumerate(lines):
        if count > MOST_ROWS:
            raise Refused("rows", line[0])
        yield line
