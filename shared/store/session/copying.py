"""Sends rows by binary COPY; JSON goes as the bytes it came in."""

from collections.abc import Iterable, Sequence

import psycopg
from psycopg.adapt import PyFormat

_JSONB_VERSION = b"\x01"

# The driver's own for bytes, in C. For `bytea` it would choose that of DB-API's Binary, in Python.
_BYTES = psycopg.adapters.get_dumper(bytes, PyFormat.BINARY)


def encoded_json(values: Iterable[bytes | None]) -> list[bytes | None]:
    """Return the bytes of JSON as `copy_rows` takes them: binary jsonb is a version before the text."""
    return [None if value is None else _JSONB_VERSION + value for value in values]


def copy_rows(
    cursor: psycopg.Cursor[tuple[object, ...]],
    statement: str,
    types: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """COPY `rows` by `statement` (FORMAT binary); `types` are PostgreSQL type names in order.

    Their JSON is `encoded_json`: bytes to the driver, whose C writes them as they are. A COPY does not
    say what it sends.
    """
    sent = ["bytea" if kind == "jsonb" else kind for kind in types]
    cursor.adapters.register_dumper(bytes, _BYTES)
    with cursor.copy(statement.encode()) as copy:
        copy.set_types(sent)
        for row in rows:
            copy.write_row(row)
