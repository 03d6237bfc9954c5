"""A workspace in memory: the tables of Azure Monitor with the rows that a test puts in."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb_kql as kql

from tests.infra.node.installed import HERE

_TYPES = {
    "datetime": "TIMESTAMP",
    "string": "VARCHAR",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "int": "INTEGER",
    "dynamic": "JSON",
}
_SCHEMAS: dict[str, str] = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `table`, written `age` ago; columns that are not given are null."""

    table: str
    columns: Mapping[str, object]
    age: timedelta = field(default=timedelta(minutes=5))


def duration(text: str) -> timedelta:
    """Return an ISO 8601 duration of days, hours and minutes."""
    match = _DURATION.fullmatch(text)
    assert match, text
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def run(query: str, rows: Iterable[Row], window: timedelta) -> list[dict[str, Any]]:
    """Return what `query` answers over the rows of the last `window`, as Azure limits an alert."""
    connection = kql.connect()
    for name, schema in _SCHEMAS.items():
        columns = re.findall(r"\[?'?(\w+)'?\]?: (\w+)", schema)
        typed = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in columns)
        connection.execute(f'CREATE TABLE "{name}" ({typed})')
    now = datetime.now(UTC).replace(tzinfo=None)
    for row in rows:
        if row.age <= window:
            timed = "TimeGenerated" in _SCHEMAS[row.table]
            values = {**({"TimeGenerated": now - row.age} if timed else {}), **row.columns}
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join("?" for _ in values)
            connection.execute(
                f'INSERT INTO "{row.table}" ({names}) VALUES ({marks})',
                [*map(_plain, values.values())],
            )
    answer = kql.query(connection, query)
    return [dict(zip(answer.columns, line, strict=True)) for line in answer.fetchall()]


def _plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value
