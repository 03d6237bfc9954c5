"""Ranges of addresses (CIDR) in a body: their form, and how they are read."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from shared.core.addresses import canonical_range
from shared.core.errors import BadRequest
from shared.web.shapes import PLAIN

MOST = 100

type Range = Annotated[str, Meta(max_length=50, pattern=PLAIN)]


def read_ranges(texts: Sequence[str], parameter: str) -> tuple[str, ...]:
    """Return the ranges in one spelling each; BadRequest names the first that is none."""
    return tuple(_read(text, parameter) for text in texts)


def _read(text: str, parameter: str) -> str:
    try:
        return canonical_range(text)
    except ValueError:
        raise BadRequest("range_malformed", parameter=parameter, value=text) from None
