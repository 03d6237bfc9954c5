"""Takes a page apart that the decoder refuses as a whole, so that one bad object is not a bad page."""

import re
from itertools import pairwise
from typing import Any

import msgspec

from shared.core.errors import MalformedAnswer

NULL = msgspec.Raw(b"null")

# A string, or one of the characters that give JSON its shape.
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_STEPS = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_VALUE = re.compile(rb"\s*:\s*\[")
# Surrogates are code points of UTF-16 that stand in pairs only; any other escape is skipped as one.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def split_page(body: bytes) -> tuple[bytes, list[bytes]] | None:
    """Return the page with an empty `value`, and the bytes of each of its objects.

    None if it has no `value` or is not balanced: then it is cut or no JSON. Nothing is decoded, so
    no depth is too deep.
    """
    depth, start, end = 0, -1, -1
    commas: list[int] = []
    for token in _TOKENS.finditer(body):
        kind = token.group()
        depth += _STEPS.get(kind, 0)
        if depth < 0:
            return None
        inside = start >= 0 > end
        if depth == 1 and kind == b'"value"':
            opened = _VALUE.match(body, token.end())
            start, end, commas = (-1 if opened is None else opened.end()), -1, []
        elif inside and depth == 2 and kind == b",":
            commas.append(token.start())
        elif inside and depth == 1 and kind == b"]":
            end = token.start()
    if depth != 0 or start < 0:
        return None
    edges = pairwise([start - 1, *commas, end])
    found = [body[left + 1 : right].strip() for left, right in edges]
    return body[:start] + body[end:], found if any(found) else []


def links_of(page: Any) -> tuple[str | None, str | None]:
    """Return nextLink and deltaLink of a decoded page.

    Raises MalformedAnswer if it broke off: then an `error` stands beside its `value`.
    https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part1-protocol.html#sec_InStreamErrors
    """
    if page.error != NULL:
        raise MalformedAnswer("graph_malformed", reason="it holds an error")
    return page.next_link, page.delta_link


def has_surrogates(body: bytes) -> bool:
    """Tell whether the escape of a surrogate occurs, paired or not."""
    return _SURROGATE.search(body) is not None


def mended(item: bytes) -> bytes:
    """Return an object with each lone surrogate replaced by U+FFFD; as it is if there is none.

    Neither UTF-8 nor PostgreSQL can hold one. Names that were cut in the middle of an emoji end so.
    """
    if not has_surrogates(item):
        return item
    return _ESCAPES.sub(_replaced, item)


def _replaced(escape: re.Match[bytes]) -> bytes:
    return escape.group() if escape["lone"] is None else rb"\ufffd"
