"""CSV that PostgreSQL formats itself: words for codes, local times; COPY streams it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import ColumnElement, Text, case, cast, func, literal

from shared.core.query import CsvStyle, Order, ReportQuery
from shared.core.report import Report, ValueType
from shared.store.answers.conditions import condition_shape
from shared.store.answers.report_statements import export
from shared.store.answers.sources import CollectorOf
from shared.store.session.statements import compiled_for_copy

_CHUNK = 64 * 1024

_TO_THE_SECOND = len("2026-01-31 23:59:59")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides the text of a COPY: files of many tenants share it, whatever the values are."""

    query: Callable[..., Any]
    columns: tuple[str, ...]
    order: tuple[Order, ...]
    where: tuple[object, ...]
    current: bool
    masked: bool
    words: tuple[object, ...]
    collector_of: CollectorOf
    report: Report = field(compare=False)
    question: ReportQuery = field(compare=False)
    style: CsvStyle = field(compare=False)


def csv_sql(
    report: Report, question: ReportQuery, style: CsvStyle, collector_of: CollectorOf
) -> str:
    """Return the COPY statement for all rows of the answer."""
    labels = ((name, *sorted(words.items())) for name, words in style.labels.items())
    return _csv_sql(
        _Shape(
            query=report.query,
            columns=question.columns,
            order=question.order,
            where=condition_shape(question.where),
            current=question.as_of is None,
            masked=question.masked,
            words=(style.quote_all, style.time_zone, style.booleans, *labels),
            collector_of=collector_of,
            report=report,
            question=question,
            style=style,
        )
    )


@lru_cache(maxsize=128)
def _csv_sql(shape: _Shape) -> str:
    report, question, style = shape.report, shape.question, shape.style
    columns, rows = export(report, question, shape.collector_of)
    # Cells stand where the rows are sorted, so that parallel workers write them, not the one process
    # that merges what they sorted and sends it. Each mentions its value once or twice: however often it
    # did, the planner would write the value's whole expression out again.
    cells = [
        _cell(
            columns[name].expression, columns[name].type, style, style.labels.get(name, {})
        ).label(f"c{n}")
        for n, name in enumerate(question.columns)
    ]
    options = "FORMAT csv, FORCE_QUOTE *" if style.quote_all else "FORMAT csv"
    return f"COPY ({compiled_for_copy(rows.with_only_columns(*cells))}) TO STDOUT ({options})"


def csv_batches(copy: psycopg.Copy) -> Iterator[list[bytes]]:
    """Yield the rows in batches of about 64 KB, each row without its line end."""
    while rows := copy.connection.wait(_batch(copy)):
        yield rows


def _batch(copy: psycopg.Copy) -> PQGen[list[bytes]]:
    """Return the next rows, none at the end.

    To wait for each row as `Copy.read` does costs more than all else that is done for it, and most
    have come with the one before.
    """
    rows: list[bytes] = []
    size = 0
    while size < _CHUNK and (row := (yield from copy._read_gen())):
        rows.append(bytes(row[:-1]))
        size += len(row)
    return rows


def _cell(
    value: ColumnElement[Any], kind: ValueType, style: CsvStyle, words: Mapping[str, str]
) -> ColumnElement[Any]:
    cell = _text(value, kind, style, words)
    # COPY never quotes null, and a style that quotes all quotes the empty cell too.
    return func.coalesce(cell, "") if style.quote_all else cell


def _text(
    value: ColumnElement[Any], kind: ValueType, style: CsvStyle, words: Mapping[str, str]
) -> ColumnElement[Any]:
    match kind:
        case "bool":
            true, false = style.booleans
            yes, no = words.get("true", true), words.get("false", false)
            return case({True: literal(yes), False: literal(no)}, value=value)
        case "timestamp":
            return _instant(value, style.time_zone)
        case "date":
            return func.to_char(value, "YYYY-MM-DD")
        case "int" | "float":
            return cast(value, Text)
        case "text" | "json":
            plain = cast(value, Text)
            if not words:
                return plain
            return case(
                {code: literal(word) for code, word in words.items()}, value=plain, else_=plain
            )


def _instant(value: ColumnElement[Any], zone: str | None) -> ColumnElement[str]:
    """Return `yyyy-MM-ddTHH:mm:ssZ`, or `yyyy-MM-dd HH:mm:ss` in a time zone.

    Cut from the type's own ISO output: to_char, which interprets its format, costs four times that.
    """
    clock = func.left(cast(func.timezone(zone or "UTC", value), Text), _TO_THE_SECOND)
    return clock if zone is not None else func.replace(clock, " ", "T").concat("Z")
