"""Reads the CSV file of an import (RFC 4180, UTF-8 with or without a byte order mark): all of it or nothing.

What does not fit is a BadRequest that names the line and the column, as an editor counts them; it
quotes no cell, which may name a person.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from shared.core.collector import Column
from shared.core.errors import BadRequest
from shared.core.import_cells import CELLS
from shared.core.imported import Import
from shared.core.text import entry

MOST_LINES = 100_000
MOST_CHARACTERS, MOST_OF_A_KEY = 2_000, 300


class ImportedFile(Struct, frozen=True):
    """The lines of a file, in order: their ids, typed values by the columns of the import, and all cells
    by header as they were sent. `others` are the headers that the import has no column for."""

    ids: list[str]
    values: list[tuple[object, ...]]
    cells: list[Mapping[str, str]]
    others: tuple[str, ...]


def read_import(of: Import, body: bytes, most: int = MOST_LINES) -> ImportedFile:
    """Return the lines of `body`, `most` at most; BadRequest for a file that does not fit."""
    lines = _lines(_text(body))
    headers = _headers(of, next(lines, (1, []))[1])
    names = {one.source: one.name for one in of.columns}
    ours = [(headers.index(one.source), one) for one in of.columns if one.source in headers]
    blank = {one.name: "" if one.source in of.key else None for one in of.columns}
    read = ImportedFile([], [], [], tuple(h for h in headers if h not in _own(of)))
    seen: dict[tuple[object, ...], int] = {}
    for at, line in lines:
        if len(line) != len(headers):
            raise BadRequest(
                "import_width", parameter="body", line=at, cells=len(line), headers=len(headers)
            )
        if len(seen) >= most:
            raise BadRequest("import_too_long", parameter="body", most=most)
        found = blank | {one.name: _value(of, one, line[n], (at, n + 1)) for n, one in ours}
        own = tuple(found[names[source]] for source in of.key)
        if (first := seen.setdefault(own, at)) != at:
            raise BadRequest("import_line_twice", parameter="body", line=at, first=first)
        read.ids.append("/".join(map(_part, own)))
        read.values.append(tuple(found.values()))
        read.cells.append(dict(zip(headers, line, strict=True)))
    return read


def _text(body: bytes) -> str:
    """Return the body as text, without a byte order mark."""
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadRequest("import_not_utf8", parameter="body", line=line) from None
    if (place := text.find("\x00")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise BadRequest("import_not_utf8", parameter="body", line=line)
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank with the number of the first line of text that it stands on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        at = reader.line_num + 1
        try:
            line = next(reader, None)
        except csv.Error:
            raise BadRequest("import_not_csv", parameter="body", line=at) from None
        if line is None:
            return
        if line:
            yield at, line


def _own(of: Import) -> set[str]:
    return {column.source for column in of.columns}


def _headers(of: Import, told: Sequence[str]) -> list[str]:
    """Return the headers as the import spells them, others as they are."""
    headers = [folded if (folded := _folded(one)) in _own(of) else one.strip() for one in told]
    for n, header in enumerate(headers):
        if header in headers[:n]:
            raise BadRequest("import_header_twice", parameter="body", column=n + 1, header=header)
    for name in (column.source for column in of.columns):
        if name not in headers and name not in of.optional:
            known = ", ".join(column.source for column in of.columns)
            raise BadRequest("import_header_missing", parameter="body", header=name, known=known)
    return headers


def _folded(header: str) -> str:
    return header.strip().casefold().replace(" ", "_").replace("-", "_")


def _value(of: Import, column: Column, cell: str, place: tuple[int, int]) -> object:
    """Return what a cell says; `place` is its line and column."""
    told = cell.strip()
    if not told:
        if column.source not in of.optional:
            raise _unfit(*place, column.source, "blank")
        return "" if column.source in of.key else None
    if len(told) > (MOST_OF_A_KEY if column.source in of.key else MOST_CHARACTERS):
        raise _unfit(*place, column.source, "length")
    try:
        value = CELLS[column.type](told)
        check = of.checks.get(column.source)
        return value if check is None else check(value)
    except ValueError as error:
        raise _unfit(*place, column.source, str(error)) from None


def _unfit(line: int, column: int, header: str, reason: str) -> BadRequest:
    told = entry(f"import_reason.{reason}")
    return BadRequest(
        "import_cell", parameter="body", line=line, column=column, header=header, reason=told
    )


def _part(part: object) -> str:
    """Return a part of an id, in which `/` stands between the parts only."""
    return str(part).replace("%", "%25").replace("/", "%2F")
