"""Reads a file of the PowerShell tool as rows of the report it is of, and tells what became of each part.

The same reading gives the verdict of a dry run and the rows of an import: lines are read one by one, and
the verdict is whole when all have been.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from shared.core.past.cells import Reader, Unread, reader_of
from shared.core.past.headers import Placed, Vocabulary, folded, place, reports_of, vocabularies
from shared.core.past.instant import made_at
from shared.core.past.refused import Refused
from shared.core.past.sheets import Sheet, sheet_of
from shared.core.past.workbook import Formula

# Of so many lines the verdict says each that was dropped; of all it says how many, and why.
_TOLD = 100
_DOMAINS = 200
# Whose domain is the tenant's own in the rows of his: not that of whom he writes to or shares with.
_ADDRESSES = ("user_principal_name", "email")
# What reading makes of the same bytes; another one asks for another dry run.
_VERSION = "1"


class Asked(Struct, frozen=True, kw_only=True):
    """What is said of a file beside its bytes; None is found out. `zone` is that of its local times."""

    name: str
    zone: ZoneInfo
    report: str | None = None
    described_at: datetime | None = None


class Column(Struct):
    """What became of a column: cells that were `read`, that said nothing, and that were not understood, by
    reason. `why` it is dropped as a whole, else None."""

    header: str
    column: str | None
    why: str | None
    read: int = 0
    blank: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    first_unread: int | None = None


class Reading:
    """One file that is read; `columns`, `rows`, `dropped` and `domains` are whole after `lines`."""

    def __init__(self, body: bytes, asked: Asked) -> None:
        """Refused for a file that is no table, of no report, of several, or of no known instant."""
        self._asked, self._body = asked, body
        self.sheet: Sheet = sheet_of(body)
        self.vocabulary: Vocabulary = _vocabulary(self.sheet.headers, asked)
        placed = place(self.sheet.headers, self.vocabulary)
        self.columns = [Column(one.header, one.column, one.why) for one in placed]
        self._readers = [self._reader(one) for one in placed]
        made = made_at(asked.name, asked.zone)
        self.described_at = asked.described_at or (made.at if made else None)
        self.day_only = asked.described_at is None and made is not None and made.day_only
        self.rows = 0
        self.dropped: Counter[str] = Counter()
        self.told: list[tuple[int, str]] = []
        self.domains: Counter[str] = Counter()

    def _reader(self, one: Placed) -> tuple[str, Reader] | None:
        if one.column is None:
            return None
        column = self.vocabulary.columns[one.column]
        return one.column, reader_of(column, one.times, self._asked.zone)

    def lines(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Yield the number and the values of each line that says anything, by column id."""
        width, header = len(self.sheet.headers), [folded(one) for one in self.sheet.headers]
        for number, cells in self.sheet.lines:
            if len(cells) != width:
                # Of a comma too many at the end nobody has any doubt.
                if len(cells) < width or any(cells[width:]):
                    self._drop(number, _alone(cells) or "width")
                    continue
                cells = cells[:width]  # noqa: PLW2901
            if (why := _alone(cells)) or [folded(one) for one in cells] == header:
                self._drop(number, why or "header")
                continue
            values = self._values(number, cells)
            if not values:
                self._drop(number, "nothing")
                continue
            self._count_domains(values)
            self.rows += 1
            yield number, values

    def _values(self, number: int, cells: Sequence[str]) -> dict[str, object]:
        values = {}
        for cell, reader, column in zip(cells, self._readers, self.columns, strict=True):
            if reader is None:
                continue
            try:
                if isinstance(cell, Formula):
                    raise Unread("formula")
                value = reader[1](cell)
            except Unread as error:
                column.unread[error.why] += 1
                column.first_unread = column.first_unread or number
                continue
            if value is None:
                column.blank += 1
            else:
                column.read += 1
                values[reader[0]] = value
        return values

    def _drop(self, number: int, why: str) -> None:
        self.dropped[why] += 1
        if len(self.told) < _TOLD:
            self.told.append((number, why))

    def _count_domains(self, values: dict[str, object]) -> None:
        for name in _ADDRESSES:
            address = values.get(name)
            if isinstance(address, str) and "@" in address and "#EXT#" not in address:
                domain = address.rpartition("@")[2].casefold()
                if domain in self.domains or len(self.domains) < _DOMAINS:
                    self.domains[domain] += 1


def digest_of(body: bytes, asked: Asked) -> str:
    """Return what tells this reading of this file from any other: SHA-256, in hexadecimal digits."""
    told = (_VERSION, asked.name, asked.zone.key, asked.report, asked.described_at)
    return hashlib.sha256(repr(told).encode() + b"\0" + body).hexdigest()


def _vocabulary(headers: Sequence[str], asked: Asked) -> Vocabulary:
    known = vocabularies()
    if asked.report is not None:
        if (one := known.get(asked.report)) is None:
            raise Refused("report", detail=", ".join(known))
        if not any(folded(header) in one.meanings for header in headers):
            raise Refused("headers")
        return one
    if [*map(folded, headers)] == ["status"]:
        raise Refused("no_data")
    found = reports_of(headers, asked.name)
    if len(found) > 1:
        raise Refused("several", detail=", ".join(found))
    if not found:
        raise Refused("headers")
    return known[found[0]]


def _alone(cells: Sequence[str]) -> str | None:
    """Why a line is none of the table: what the tool wrote where there was nothing."""
    told = [cell for cell in cells if cell.strip()]
    if len(told) == 1 and folded(told[0]) in (
        "nodataavailable",
        "データなし",
        "データがありません",
    ):
        return "no_data"
    return None
