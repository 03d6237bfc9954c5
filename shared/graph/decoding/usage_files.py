"""Decodes the CSV of a Microsoft 365 usage report into rows; columns are matched by header.

https://learn.microsoft.com/en-us/graph/api/resources/report: columns are added and moved over time.
"""

import csv
import io
import math
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import BinaryIO

import msgspec

from shared.core import clock
from shared.core.collector import ASKED, Collector, Column, Csv, Daily
from shared.core.errors import MalformedAnswer
from shared.core.rows import Rejected, Rows
from shared.graph.decoding.calendar import NEVER
from shared.graph.decoding.pages import content_hash
from shared.graph.decoding.usage_identity import LineNames

_BATCH = 2000
_HASH = re.compile(r"^\s*[0-9A-Fa-f]{32}\s*$|<PII:")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
# Python reads more than Microsoft writes: digits of other scripts, 1_000, dates by their week.
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _matching(pattern: re.Pattern[str], cell: str) -> str:
    if pattern.fullmatch(cell) is None:
        raise ValueError("is not written as Microsoft writes it")
    return cell


def _boolean(cell: str) -> bool:
    try:
        return _BOOLEANS[cell.lower()]
    except KeyError:
        raise ValueError("is not a boolean") from None


def _whole(cell: str) -> int:
    value = int(_matching(_NUMBER, cell))
    if not -(2**63) <= value < 2**63:
        raise ValueError("is no 64-bit integer")
    return value


def _finite(cell: str) -> float:
    value = float(_matching(_NUMBER, cell))
    if not math.isfinite(value):
        raise ValueError("is no number")
    return value


def _timestamp(cell: str) -> datetime | None:
    value = datetime.fromisoformat(cell)
    if value.year in NEVER:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _date(cell: str) -> date | None:
    value = date.fromisoformat(_matching(_DAY, cell))
    return None if value.year in NEVER else value


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "text": str,
    "bool": _boolean,
    "int": _whole,
    "float": _finite,
    "date": _date,
    "timestamp": _timestamp,
}


@dataclass(slots=True)
class UsageTable:
    """A decoded report: needed headers that the file lacks, and the rows in batches.

    `lines` counts the lines below the header, `concealed` those of them that hold a hash in the
    place of a name (they are rejected), `alike` those that nothing tells from another one. `cut`
    says that the last line may be half of one; it is rejected then.
    """

    missing: tuple[str, ...]
    lines: int
    concealed: int
    alike: int
    cut: bool
    batches: Iterator[Rows]


def read_usage_csv(collector: Collector, body: BinaryIO, asked: str | None = None) -> UsageTable:
    """Match the headers, look through the whole file, and decode lazily; `asked` is its day where
    the file does not tell.

    `body` can be sought in; it is closed when nobody can read on. Raises MalformedAnswer if the file ends inside its header or a line, or lacks a key header. A
    cell of the wrong type only rejects its line.
    """
    optional = Csv.of(collector).optional
    file = _File(body, collector, asked)
    for needed in (*collector.key, Daily.of(collector).date):
        if needed not in (*file.headers, *file.told, *optional):
            raise MalformedAnswer("graph_malformed", reason=f"no column {needed!r}")
    for header in _headers(collector):
        if file.headers.count(header) > 1:
            raise MalformedAnswer("graph_malformed", reason=f"two columns {header!r}")
    names = tuple(c.source for c in collector.columns if _is_name(c) and c.source in file.headers)
    ids = LineNames(collector)
    ids.survey(_named(file, names), _named(file, names))
    known = {*file.headers, *optional}
    return UsageTable(
        missing=tuple(c.source for c in collector.columns if c.source not in known),
        lines=file.count,
        concealed=sum(_is_concealed(cells, names) for cells in file.lines()),
        alike=ids.alike,
        cut=file.cut,
        batches=_batches(collector, file, names, ids),
    )


class _File:
    """The lines of a file, read anew each time: a tenant's file is too big to keep as cells.

    It is gone through once at the start: a line that is cut is found before any is stored.
    """

    def __init__(self, body: BinaryIO, collector: Collector, asked: str | None) -> None:
        self._body = body
        own = Daily.of(collector).date == ASKED and asked is not None
        self.told = {ASKED: str(asked)} if own else {}
        weakref.finalize(self, body.close)
        ours = {header.casefold(): header for header in _headers(collector)}
        told = (header.strip() for header in next(self._parsed(), []))
        self.headers = [ours.get(header.casefold(), header) for header in told]
        self.count, self.cut = 0, False
        last: list[str] = []
        for line in self._cells():
            self.count, last = self.count + 1, line
        self.cut = self.count > 0 and not self._ends_whole(last, collector.extent.periods)

    def lines(self) -> Iterator[Mapping[str, str]]:
        """Yield the cells of each line by header, without a last one that is cut."""
        whole = self.count - self.cut
        for line in islice(self._cells(), whole):
            yield dict(zip(self.headers, line, strict=True)) | self.told

    def _cells(self) -> Iterator[list[str]]:
        width = len(self.headers)
        for line in islice(self._parsed(), 1, None):
            if not line:
                continue
            if len(line) != width:
                reason = f"a line has {len(line)} cells, the header {width}"
                raise MalformedAnswer("graph_malformed", reason=reason)
            yield line

    def _parsed(self) -> Iterator[list[str]]:
        self._body.seek(0)
        text = io.TextIOWrapper(self._body, "utf-8-sig", newline="")
        try:
            yield from csv.reader(text, strict=True)
        except csv.Error as error:
            raise MalformedAnswer("graph_malformed", reason=str(error)) from None
        except UnicodeDecodeError as error:
            raise MalformedAnswer("graph_malformed", reason=f"not UTF-8: {error.reason}") from None
        finally:
            text.detach()  # it would close the file

    def _ends_whole(self, last: list[str], periods: Sequence[str]) -> bool:
        """Whether the last cell cannot be the beginning of a longer one.

        RFC 4180 lets the last line go without an end; the period that was asked for, which closes
        most of the reports, is known.
        """
        self._body.seek(-1, io.SEEK_END)
        if self._body.read(1) in (b"\n", b"\r", b'"'):
            return True
        whole = {period.removeprefix("D") for period in periods}
        return self.headers[-1] == "Report Period" and last[-1] in whole


def _headers(collector: Collector) -> Iterator[str]:
    """Yield every header that means something to us; the file may spell it in other letters."""
    yield from dict.fromkeys(
        (
            *collector.key,
            Daily.of(collector).date,
            *(column.source for column in collector.columns),
            *collector.answer.names,
            "Is Deleted",
            "Report Period",
        )
    )


def _is_name(column: Column) -> bool:
    return column.personal and column.type == "text" and not column.source.endswith(" Id")


def _is_concealed(cells: Mapping[str, str], names: Iterable[str]) -> bool:
    """Whether a name is a hash: 32 hexadecimal digits, or `<PII:...>`, alone or before a domain.

    https://github.com/microsoftgraph/microsoft-graph-docs/issues/12997 and
    https://github.com/microsoftgraph/microsoft-graph-explorer-v4/issues/1129 show both.
    """
    return any(_HASH.search(cells[name]) for name in names)


def _named(file: _File, names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    return (cells for cells in file.lines() if not _is_concealed(cells, names))


def _batches(
    collector: Collector, file: _File, names: Sequence[str], ids: LineNames
) -> Iterator[Rows]:
    rows = Rows()
    for cells in file.lines():
        if _is_concealed(cells, names):
            rows.rejected.append(Rejected(None, "holds a hash in the place of a name"))
        else:
            _append(rows, collector, cells, ids)
        if len(rows.ids) + len(rows.rejected) >= _BATCH:
            yield rows
            rows = Rows()
    if file.cut:
        rows.rejected.append(Rejected(None, "the file ends inside its last line"))
    yield rows


def _append(rows: Rows, collector: Collector, cells: Mapping[str, str], ids: LineNames) -> None:
    own: str | None = None
    try:
        own = ids.name(cells)
        values = tuple(_value(column, cells) for column in collector.columns)
        refreshed = _report_date(cells[Daily.of(collector).date])
    except ValueError as error:
        # The message of a parser quotes the cell; a cause may hold no personal data.
        rows.rejected.append(Rejected(own, _cause(collector, cells) or str(error)))
        return
    raw = msgspec.json.encode(cells)
    rows.ids.append(own)
    rows.values.append(values)
    rows.dates.append(refreshed)
    rows.raws.append(raw)
    rows.hashes.append(content_hash(raw))


def _report_date(cell: str) -> date:
    """Return the date; one still to come is none: as the newest it would hide every later report."""
    try:
        day = _date(cell.strip())
    except ValueError:
        day = None  # its message quotes the cell
    if day is None or day > clock.now().date() + timedelta(days=1):
        raise ValueError("has no date that can be")
    return day


def _value(column: Column, cells: Mapping[str, str]) -> object:
    cell = cells.get(column.source, "")
    if not cell.strip():
        return None
    return cell if column.type == "text" else _PARSERS[column.type](cell.strip())


def _cause(collector: Collector, cells: Mapping[str, str]) -> str | None:
    for column in collector.columns:
        try:
            _value(column, cells)
        except ValueError:
            return f"{column.source} is not of type {column.type}"
    return None
