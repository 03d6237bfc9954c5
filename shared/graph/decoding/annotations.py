"""Leaves OData annotations out of an object's bytes: they come and go, and are no part of the data.

https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html, section 4.6:
how many of them a service sends is a matter of the metadata level.
"""

import re
from collections.abc import Iterable

ANNOTATION = b"@odata."

# A name with an annotation's, and its value, a text or something without structure.
_NOTE = re.compile(
    rb'"[^"\\]*@odata\.[^"\\]*"\s*:\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,"{}\[\]]+)\s*', re.DOTALL
)

# One character is found by the C library at a glance, a longer text byte by byte.
_ANY = re.compile(rb"@(?=odata\.)")


def are_annotated(items: Iterable[bytes]) -> bool:
    """Tell whether any of the objects may hold an annotation."""
    return _ANY.search(b"".join(items)) is not None


def without_annotations(item: bytes) -> bytes:
    """Return an object without its annotations, at any depth; what is left stays as it was.

    One whose value is an object or a list is left in place.
    """
    place = item.find(ANNOTATION)
    while place >= 0:
        # The name's opening quote: no name holds a quote, and within a text no colon follows.
        start = item.rfind(b'"', 0, place)
        note = _NOTE.match(item, start) if start >= 0 else None
        if note is None:
            place = item.find(ANNOTATION, place + 1)
            continue
        head, tail = item[:start].rstrip(), item[note.end() :]
        if head.endswith(b","):
            head = head[:-1]
        elif tail.startswith(b","):
            tail = tail[1:].lstrip()
        item = head + tail
        place = item.find(ANNOTATION, len(head))
    return item
