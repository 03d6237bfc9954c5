"""What goes over the wire as JSON: instants and days as the schema says, no sign that hides letters."""

import re
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

# On the wire RFC 3339 with an offset, and a day `yyyy-MM-dd`; the schema says so.
type Instant = Annotated[datetime, Meta(tz=True)]
type DateText = Annotated[str, Meta(extra_json_schema={"format": "date"})]

# What hides or turns round what people read (core.names), as UTF-8. It stands inside strings only.
_HIDING = (
    re.compile(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"),
    re.compile(rb"\xc2[\x80-\x9f]"),
    re.compile(rb"\xd8\x9c"),
    re.compile(rb"\x7f"),
)


def safe_json(value: object) -> bytes:
    """Return `value` (structs, dataclasses, dicts, dates, UUIDs) as JSON that is safe to look at.

    Signs that hide stand in it as escapes: the values are the same.
    """
    document = msgspec.json.encode(value)
    for sign in _HIDING:
        if sign.search(document) is not None:
            document = sign.sub(_escape, document)
    return document


def _escape(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()
