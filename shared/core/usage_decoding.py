"""Decodes the CSV of a Microsoft 365 usage report into rows; columns are matched by header.

https://learn.microsoft.com/en-us/graph/api/resources/report: columns are added and moved over time.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from shared.core.collector import Collector, Column, UsageCsv
from shared.core.decoding import content_hash
from shared.core.errors import MalformedAnswer
from shared.core.rows import Rejected, Rows

_BATCH = 2000
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def _boolean(cell: str) -> bool:
    try:
        return _BOOLEANS[cell.lower()]
    except KeyError:
        raise ValueError("is not a boolean") from None


def _whole(cell: str) -> int:
    value = int(cell)
    if not -(2**63) <= value < 2**63:
        raise ValueError("is no 64-bit integer")
    return value


def _timestamp(cell: str) -> datetime:
    value = datetime.fromisoformat(cell)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "text": str,
    "bool": _boolean,
    "int": _whole,
    "float": float,
    "date": date.fromisoformat,
    "timestamp": _timestamp,
}


@dataclass(slots=True)
class UsageTable:
    """A decoded report: needed headers that the file lacks, and the rows in batches."""

    missing: tuple[str, ...]
    batches: Iterator[Rows]


def read_usage_csv(collector: Collector, body: bytes) -> UsageTable:
    """Match the headers and decode lazily.

    Raises MalformedAnswer at once if the header line or a key header is missing, and while
    iterating if a line is cut. A cell of the wrong type only rejects its line.
    """
    if not isinstance(collector.mode, UsageCsv):
        raise TypeError(f"{collector.dataset} is no usage report")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedAnswer("graph_malformed", reason=f"not UTF-8: {error.reason}") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    headers = [header.strip() for header in next(lines, [])]
    for needed in (*collector.key, collector.mode.date_header):
        if needed not in headers:
            raise MalformedAnswer("graph_malformed", reason=f"no column {needed!r}")
    known = {*headers, *collector.mode.optional}
    missing = tuple(c.source for c in collector.columns if c.source not in known)
    return UsageTable(missing, _batches(collector, headers, lines))


def _batches(
    collector: Collector, headers: list[str], lines: Iterator[list[str]]
) -> Iterator[Rows]:
    rows = Rows()
    try:
        for line in lines:
            if not line:
                continue
            if len(line) != len(headers):
                reason = f"a line has {len(line)} cells, the header {len(headers)}"
                raise MalformedAnswer("graph_malformed", reason=reason)
            _append(rows, collector, dict(zip(headers, line, strict=True)))
            if len(rows.ids) + len(rows.rejected) >= _BATCH:
                yield rows
                rows = Rows()
    except csv.Error as error:
        raise MalformedAnswer("graph_malformed", reason=str(error)) from None
    yield rows


def _append(rows: Rows, collector: Collector, cells: Mapping[str, str]) -> None:
    mode = collector.mode
    assert isinstance(mode, UsageCsv)  # noqa: S101 - read_usage_csv has checked it
    keys = [cells[key] for key in collector.key]
    own = "/".join(keys)
    try:
        if not any(keys):
            raise ValueError("has no key")
        values = tuple(_value(column, cells) for column in collector.columns)
        refreshed = date.fromisoformat(cells[mode.date_header])
    except ValueError as error:
        # The message of a parser quotes the cell; a cause may hold no personal data.
        rows.rejected.append(Rejected(own or None, _cause(collector, cells) or str(error)))
        return
    raw = msgspec.json.encode(cells)
    rows.ids.append(own)
    rows.values.append(values)
    rows.dates.append(refreshed)
    rows.raws.append(raw)
    rows.hashes.append(content_hash(raw))


def _value(column: Column, cells: Mapping[str, str]) -> object:
    cell = cells.get(column.source, "")
    return None if cell == "" else _PARSERS[column.type](cell)


def _cause(collector: Collector, cells: Mapping[str, str]) -> str | None:
    for column in collector.columns:
        try:
            _value(column, cells)
        except ValueError:
            return f"{column.source} is not of type {column.type}"
    return None
