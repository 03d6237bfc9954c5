"""What a picture is made of, whoever paints it: shapes in pixels, from the left and from the top."""

import unicodedata
from typing import Literal

from msgspec import Struct

# Of a letter, in parts of its size: those of East Asia are square, others about half as wide.
_SQUARE, _NARROW = 1.0, 0.56
SIZES = {"title": 14.0, "name": 12.0, "value": 11.0, "unknown": 11.0, "tick": 11.0, "note": 11.0}

type Role = Literal["title", "name", "value", "unknown", "tick", "note"]


class Bar(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float
    series: int


class Dot(Struct, frozen=True):
    x: float
    y: float
    series: int


class Path(Struct, frozen=True):
    """A line from point to point."""

    points: tuple[tuple[float, float], ...]
    series: int


class Rule(Struct, frozen=True):
    """A straight line that values are read by: where they are nought, or a step of the scale."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Literal["axis", "grid"]


class Words(Struct, frozen=True):
    """One line of text; `y` is its base line, `x` its `anchor`."""

    x: float
    y: float
    text: str
    role: Role
    anchor: Literal["start", "middle", "end"] = "start"


type Shape = Bar | Dot | Path | Rule | Words


class Drawing(Struct, frozen=True):
    """A picture; `title` and `description` say the same to who does not see it."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def width_of(text: str, role: Role) -> float:
    """Return about how wide a text is."""
    wide = sum(unicodedata.east_asian_width(sign) in "WFA" for sign in text)
    return SIZES[role] * (wide * _SQUARE + (len(text) - wide) * _NARROW)


def fitted(text: str, role: Role, width: float) -> str:
    """Return the text, cut with a sign where it is wider than `width`."""
    if len(text) * SIZES[role] * _SQUARE <= width or width_of(text[:500], role) <= width:
        return text
    room, kept = width - SIZES[role] * _SQUARE, 0.0
    for place, sign in enumerate(text):
        kept += width_of(sign, role)
        if kept > room:
            return text[:place].rstrip() + "…"
    return text
