"""Writes arrays in PostgreSQL's binary form, which the driver makes element by element.

The form is that of array_recv, and of the types' own functions for what is in it:
https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_OIDS: Mapping[str, int] = {
    "bool": 16,
    "bytea": 17,
    "int8": 20,
    "text": 25,
    "float8": 701,
    "date": 1082,
    "timestamptz": 1184,
    "jsonb": 3802,
}

# Dimensions, whether any is null (not looked at), type of the elements, and of the only dimension how
# many there are and the number of the first.
_HEAD = struct.Struct("!iiIii")
_EMPTY = struct.Struct("!iiI")

# An element is its length and its value.
_NULL = struct.pack("!i", -1)
_LENGTH = struct.Struct("!i")
_BOOLS: Mapping[object, bytes] = {
    None: _NULL,
    **{b: struct.pack("!i?", 1, b) for b in (False, True)},
}
_INT, _FLOAT, _DAY = struct.Struct("!iq"), struct.Struct("!id"), struct.Struct("!ii")
_JSON = struct.Struct("!iB")
_JSONB_VERSION = 1
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.toordinal()
_TICK = timedelta(microseconds=1)


class Array(bytes):
    """An array in its binary form. The statement says of which type: `%(name)b::text[]`."""


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Buffer) -> Buffer:
        return obj


def take_arrays(cursor: psycopg.Cursor[Any]) -> None:
    """Let `cursor` take what this module writes as parameters (`%(name)b`)."""
    cursor.adapters.register_dumper(Array, _AsItIs)


def array(kind: str, values: Sequence[Any]) -> Array:
    """Return `values`, None for null, as an array of a type named as PostgreSQL does.

    Of texts str is expected, of jsonb the bytes of JSON, of timestamptz an aware datetime.
    """
    if not values:
        return Array(_EMPTY.pack(0, 0, _OIDS[kind]))
    head = _HEAD.pack(1, 0, _OIDS[kind], len(values), 1)
    return Array(b"".join((head, *_ELEMENTS[kind](values))))


def text_array(texts: Sequence[str]) -> Array:
    """Return `texts`, of which none is null, as `text[]`."""
    return array("text", texts)


def bytes_array(values: Sequence[bytes]) -> Array:
    """Return `values`, of which none is null, as `bytea[]`."""
    return array("bytea", values)


def _texts(values: Sequence[str | None]) -> Iterable[bytes]:
    distinct = set(values)
    if len(distinct) * 2 <= len(values):  # departments, countries: each is written once
        written = {value: _text(value) for value in distinct}
        return map(written.__getitem__, values)
    if None in distinct:
        return map(_text, values)
    return _pieces(list(map(str.encode, values)))  # type: ignore[arg-type]


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _byteas(values: Sequence[bytes | None]) -> Iterable[bytes]:
    return (_NULL if v is None else _LENGTH.pack(len(v)) + v for v in values)


def _pieces(values: Sequence[bytes]) -> Iterable[bytes]:
    return chain.from_iterable(zip(map(_LENGTH.pack, map(len, values)), values, strict=True))


def _jsons(values: Sequence[bytes | None]) -> Iterable[bytes]:
    pack = _JSON.pack
    return (_NULL if v is None else pack(len(v) + 1, _JSONB_VERSION) + v for v in values)


def _bools(values: Sequence[bool | None]) -> Iterable[bytes]:
    return map(_BOOLS.__getitem__, values)


def _ints(values: Sequence[int | None]) -> Iterable[bytes]:
    return (_NULL if v is None else _INT.pack(8, v) for v in values)


def _floats(values: Sequence[float | None]) -> Iterable[bytes]:
    return (_NULL if v is None else _FLOAT.pack(8, v) for v in values)


def _times(values: Sequence[datetime | None]) -> Iterable[bytes]:
    return (_NULL if v is None else _INT.pack(8, (v - _EPOCH) // _TICK) for v in values)


def _days(values: Sequence[date | None]) -> Iterable[bytes]:
    return (_NULL if v is None else _DAY.pack(4, v.toordinal() - _FIRST_DAY) for v in values)


_ELEMENTS: Mapping[str, Callable[[Sequence[Any]], Iterable[bytes]]] = {
    "bool": _bools,
    "bytea": _byteas,
    "int8": _ints,
    "text": _texts,
    "float8": _floats,
    "date": _days,
    "timestamptz": _times,
    "jsonb": _jsons,
}
