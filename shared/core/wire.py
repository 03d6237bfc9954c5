"""What goes over the wire as JSON: instants and days as the schema says, no sign that hides letters."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.core.hiding_signs import signs_in

# On the wire RFC 3339 with an offset, and a day `yyyy-MM-dd`; the schema says so.
type Instant = Annotated[datetime, Meta(tz=True)]
type DateText = Annotated[str, Meta(extra_json_schema={"format": "date"})]

_DELETE = re.compile(rb"\x7f")


def safe_json(value: object) -> bytes:
    """Return `value` (structs, dataclasses, dicts, dates, UUIDs) as JSON that is safe to look at.

    Signs that hide stand in it as escapes: the values are the same.
    """
    return _shown(msgspec.json.encode(value))


def safe_lines(values: Sequence[object]) -> bytes:
    """Return each of `values` as JSON that is safe to look at, with a line feed after it."""
    return _shown(msgspec.json.Encoder().encode_lines(values))


def _shown(document: bytes) -> bytes:
    # They stand inside strings only.
    for sign in signs_in(document):
        document = sign.sub(_escape, document)
    return _DELETE.sub(_escape, document) if b"\x7f" in document else document


def _escape(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()
