"""CSV that PostgreSQL formats itself: words for codes, local times, no live formulas; COPY streams it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, Text, case, cast, func, literal

from shared.core.query import CsvStyle, ReportQuery
from shared.core.report import Report, ValueType
from shared.store.report_statements import Statement, export, written
from shared.store.sources import CollectorOf

_BOM = b"\xef\xbb\xbf"
_CHUNK = 64 * 1024

# What a spreadsheet takes for the start of a formula, full-width forms included:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_UTC_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
_LOCAL_FORMAT = "YYYY-MM-DD HH24:MI:SS"


def csv_header(style: CsvStyle) -> bytes:
    """Return the first line, with the byte order mark if the style has one."""
    cells = ",".join(_quoted(header, always=style.quote_all) for header in style.headers)
    return (_BOM if style.bom else b"") + cells.encode() + b"\r\n"


def csv_sql(
    report: Report, question: ReportQuery, style: CsvStyle, collector_of: CollectorOf
) -> Statement:
    """Return the COPY statement for all rows of the answer."""
    columns, rows = export(report, question, collector_of)
    cells = [
        _cell(columns[name].expression, columns[name].type, style, style.labels.get(name, {}))
        for name in question.columns
    ]
    labelled = [cell.label(f"c{place}") for place, cell in enumerate(cells)]
    options = "FORMAT csv, FORCE_QUOTE *" if style.quote_all else "FORMAT csv"
    inner = written(rows.with_only_columns(*labelled))
    return replace(inner, sql=f"COPY ({inner.sql}) TO STDOUT ({options})")


def csv_chunks(copy: psycopg.Copy) -> Iterator[bytes]:
    """Yield rows in chunks of about 64 KB, with CRLF at the end of each row."""
    rows: list[bytes] = []
    size = 0
    for row in copy:
        line = bytes(row)
        rows.append(line[:-1])
        size += len(line)
        if size >= _CHUNK:
            yield b"\r\n".join(rows) + b"\r\n"
            rows, size = [], 0
    if rows:
        yield b"\r\n".join(rows) + b"\r\n"


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
            return case((value, literal(yes)), (~value, literal(no)))
        case "timestamp":
            zone, form = style.time_zone or "UTC", _UTC_FORMAT
            if style.time_zone is not None:
                form = _LOCAL_FORMAT
            return func.to_char(func.timezone(zone, value), form)
        case "date":
            return func.to_char(value, "YYYY-MM-DD")
        case "int" | "float":
            return cast(value, Text)
        case "text" | "json":
            plain = cast(value, Text)
            safe = _neutralised(plain)
            if not words:
                return safe
            return case(
                *((plain == code, literal(word)) for code, word in words.items()), else_=safe
            )


def _neutralised(cell: ColumnElement[str]) -> ColumnElement[str]:
    """Return the cell with an apostrophe before anything a spreadsheet would compute."""
    return case((func.left(cell, 1).in_(_FORMULA_STARTS), literal("'").concat(cell)), else_=cell)


def _quoted(cell: str, *, always: bool) -> str:
    if always or any(sign in cell for sign in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
