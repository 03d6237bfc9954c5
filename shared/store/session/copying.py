"""Sends rows by binary COPY; JSON goes as the bytes it came in."""

from collections.abc import Iterable, Sequence

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_JSONB_OID = 3802
_JSONB_VERSION = b"\x01"


class _EncodedJson(Dumper):
    """Bytes of JSON as a binary jsonb value: a version byte before the text."""

    format = Format.BINARY
    oid = _JSONB_OID

    def dump(self, obj: bytes) -> bytes:
        return _JSONB_VERSION + obj


def copy_rows(
    cursor: psycopg.Cursor[tuple[object, ...]],
    statement: str,
    types: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """COPY `rows` by `statement` (FORMAT binary); `types` are PostgreSQL type names in order."""
    cursor.adapters.register_dumper(None, _EncodedJson)
    with cursor.copy(statement.encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
