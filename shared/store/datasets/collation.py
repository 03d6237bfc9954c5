"""Sort keys of names by the Unicode Collation Algorithm, as text to be compared in byte order.

The default table (DUCET) with three levels: letters, then accents, then case and width; spaces and
punctuation count. Kanji come by code point, after every other script. Graph knows names of 256
characters; an index entry takes 2,700 bytes: the first 100 characters decide.
https://www.unicode.org/reports/tr10/
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from pyuca.collator import BaseCollator

# A collation element: the weights of the three levels.
type Element = list[int]

_DECISIVE = 100
_LONGEST = 200  # weights of a level: an accent is one more, some characters are many

# Between levels: below every weight as it is written.
_SEPARATOR = " "
# The weights of what has no accent, and of small letters, as they are written. They are the least
# of their levels: at the end of one they decide nothing.
_PLAIN, _SMALL = "!", '"'
_CONTEXT = "\0"

# https://www.unicode.org/reports/tr10/#Values_For_Base_Table
_SINIFORM, _KANJI, _FURTHER_KANJI = 0xFB00, 0xFB40, 0xFB80


@lru_cache(maxsize=16_384)
def sort_key(text: str) -> str:
    """Return the key of a name; names stand in the order of their keys' code points (or bytes)."""
    if not text.isascii():
        text = normalize("NFC", text)
    text = text[:_DECISIVE]
    letters, accents, cases = _tables()
    first = text.translate(letters)
    if _CONTEXT in first:
        elements = _collator().collation_elements(normalize("NFD", text))
        first, second, third = (_written(elements, level) for level in range(3))
    else:
        second = "" if text.isascii() else text.translate(accents)
        third = text.translate(cases)
    levels = (first[:_LONGEST], second[:_LONGEST].rstrip(_PLAIN), third[:_LONGEST].rstrip(_SMALL))
    key = _SEPARATOR.join(levels)
    return key.rstrip(_SEPARATOR)


class _Weights(dict[int, str]):
    """What a character contributes to one level, found when it is first met.

    A character whose weights depend on what stands before it contributes `_CONTEXT`.
    """

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def __missing__(self, code: int) -> str:
        decomposed = normalize("NFD", chr(code))
        if combining(decomposed[0]) or ord(decomposed[0]) in _contextual():
            weights = _CONTEXT
        else:
            weights = _written(_collator().collation_elements(decomposed), self._level)
        self[code] = weights
        return weights


@cache
def _tables() -> tuple[_Weights, _Weights, _Weights]:
    return _Weights(0), _Weights(1), _Weights(2)


@cache
def _collator() -> "BaseCollator":
    # Its table takes 0.2 s to read: only who loads names does.
    from pyuca.collator import Collator_10_0_0

    return Collator_10_0_0()


@cache
def _contextual() -> frozenset[int]:
    """Return the characters that may make one element with what stands before them."""
    found: set[int] = set()
    unread = [node for node in _collator().table.root.children.values() if node.children]
    while unread:
        following = unread.pop().children
        found.update(following)
        unread += [node for node in following.values() if node.children]
    return frozenset(found)


def _written(elements: Iterable[Element], level: int) -> str:
    if level == 0:
        return "".join(_letters(elements))
    shift = 1 if level == 1 else 0x20
    return "".join(chr(element[level] + shift) for element in elements if element[level])


def _letters(elements: Iterable[Element]) -> Iterable[str]:
    """Write the weights of the first level in their order, surrogates left out.

    What the table does not list has two weights: a base by kind, then the code point.
    """
    base = 0
    for weight in (element[0] for element in elements if element[0]):
        if base:
            kanji = base - _KANJI in (0, 1)
            code = (base - _KANJI << 15) | (weight & 0x7FFF)
            yield chr(0x10000 + code) if kanji else chr(0x10000 + weight)
            base = 0
        elif weight < _SINIFORM:
            yield chr(weight)
        else:
            base = weight
            if weight < _KANJI:
                yield chr(0xF000 + weight - _SINIFORM)
            elif weight >= _FURTHER_KANJI:
                yield chr(0x10000 + weight)
