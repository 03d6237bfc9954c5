"""Finds in UTF-8 what hides or turns round what people read (`core.names`), in documents of any size.

C1; the marks, embeddings, overrides and isolates of bidirectional text; line and paragraph separator.
"""

import re
from collections.abc import Iterator

# By first byte: where it is nowhere in a document, no search by pattern is needed.
_BY_FIRST_BYTE = {
    b"\xe2": re.compile(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"),
    b"\xc2": re.compile(rb"\xc2[\x80-\x9f]"),
    b"\xd8": re.compile(rb"\xd8\x9c"),
}


def signs_in(document: bytes) -> Iterator[re.Pattern[bytes]]:
    """Yield the patterns of signs beyond ASCII that `document` has."""
    if document.isascii():
        return
    for first, pattern in _BY_FIRST_BYTE.items():
        if first in document and pattern.search(document) is not None:
            yield pattern
