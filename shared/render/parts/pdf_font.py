"""The font of a PDF: how wide its letters are, where a text may be broken, and what it lacks."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

NAME = "IPAexGothic"
_FILE = Path(__file__).parent / "fonts" / "ipaexg.ttf"
# What Japanese print shows for a sign that the font lacks.
_LACKING = "〓"


@cache
def _font() -> "TTFont":
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(NAME, _FILE)
    registerFont(font)
    return font


@cache
def _widths() -> dict[str, float]:
    """The width of each sign that the font has, in thousandths of its size."""
    face = _font().face
    return {chr(code): face.charWidths[code] for code in face.charToGlyph}


def loaded() -> None:
    """Load the font, so that canvases know it by its name."""
    _widths()


def drawable(text: str) -> str:
    """Return the text with 〓 for each sign that the font lacks, and a blank for tabs."""
    widths = _widths()
    if all(sign in widths for sign in text):
        return text
    return "".join(
        sign if sign in widths or sign == "\n" else " " if sign == "\t" else _LACKING
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
    )


def width(text: str, size: float) -> float:
    """Return how wide a drawable text is, in points."""
    widths = _widths()
    return sum(widths[sign] for sign in text) * size / 1000


def cut(text: str, size: float, room: float) -> str:
    """Return one line of the text, with a sign where something was left out."""
    line, *more = wrapped(text, size, room, 2)
    if not more:
        return line
    while line and width(line + "…", size) > room:
        line = line[:-1]
    return line + "…"


def wrapped(text: str, size: float, room: float, most: int) -> list[str]:
    """Return the text in lines no wider than `room`, at most so many, the last cut with a sign.

    A line is broken behind its last blank, or anywhere, as Japanese is.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        rest = part
        while True:
            fits = _fitting(rest, size, room)
            lines.append(rest[:fits].rstrip() if fits < len(rest) else rest)
            rest = rest[fits:].lstrip(" ")
            if not rest or len(lines) > most:
                break
        if len(lines) > most:
            break
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last + "…", size) > room:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _fitting(text: str, size: float, room: float) -> int:
    """How many signs of the text stand in one line; one at least."""
    widths, left = _widths(), room * 1000 / size
    for place, sign in enumerate(text):
        left -= widths[sign]
        if left < 0:
            blank = text.rfind(" ", 0, place + 1)
            return blank + 1 if blank > place // 2 else max(1, place)
    return len(text)
