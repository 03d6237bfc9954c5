"""A tenant's lists of addresses in JSON."""

from typing import Annotated

from msgspec import Meta

from shared.web.ranges import MOST, Range
from shared.web.shapes import Answer, Body

type _Ranges = Annotated[list[Range], Meta(max_length=MOST)]


class AddressesChange(Body):
    """Ranges (CIDR) instead of those that are set; an empty list takes them back.

    What is left out or null stays as it is.
    """

    allowed: _Ranges | None = None
    denied: _Ranges | None = None


class AddressesAnswer(Answer):
    """`allowed` are the only ranges that callers may come from, all if it is empty; never from `denied`."""

    allowed: list[str]
    denied: list[str]
