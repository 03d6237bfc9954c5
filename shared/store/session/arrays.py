"""Writes arrays of texts and bytes in PostgreSQL's binary form, which the driver makes element by element.

The form is that of array_recv:
https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_TEXT, _TEXTS = 25, 1009
_BYTES, _BYTES_EACH = 17, 1001

# Dimensions, whether any is null (not looked at), type of the elements, and of the only dimension how
# many there are and the number of the first.
_HEAD = struct.Struct("!iiIii")
_EMPTY = struct.Struct("!iiI")
_LENGTH = struct.Struct("!i")


class TextArray(bytes):
    """A `text[]` in its binary form."""


class BytesArray(bytes):
    """A `bytea[]` in its binary form."""


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Buffer) -> Buffer:
        return obj


class _Texts(_AsItIs):
    oid = _TEXTS


class _Bytes(_AsItIs):
    oid = _BYTES_EACH


def take_arrays(cursor: psycopg.Cursor[Any]) -> None:
    """Let `cursor` take what this module writes as parameters (`%(name)b`)."""
    cursor.adapters.register_dumper(TextArray, _Texts)
    cursor.adapters.register_dumper(BytesArray, _Bytes)


def text_array(texts: Iterable[str]) -> TextArray:
    """Return `texts`, of which none is null, as `text[]`."""
    return TextArray(_array(_TEXT, list(map(str.encode, texts))))


def bytes_array(values: Sequence[bytes]) -> BytesArray:
    """Return `values`, of which none is null, as `bytea[]`."""
    return BytesArray(_array(_BYTES, values))


def _array(kind: int, elements: Sequence[bytes]) -> bytes:
    if not elements:
        return _EMPTY.pack(0, 0, kind)
    lengths = map(_LENGTH.pack, map(len, elements))
    head = _HEAD.pack(1, 0, kind, len(elements), 1)
    return b"".join((head, *chain.from_iterable(zip(lengths, elements, strict=True))))
