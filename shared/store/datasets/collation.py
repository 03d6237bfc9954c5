"""Sort keys of names by the Unicode Collation Algorithm, as text to be compared in byte order.

The default table (DUCET) with three levels: letters, then accents, then case and width; spaces and
punctuation count. Kanji come by code point, after every other script. Graph knows names of 256
characters; an index entry takes 2,700 bytes: the first 100 characters decide.
https://www.unicode.org/reports/tr10/
"""

from codecs import charmap_decode
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, zip_longest
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
# Between the first and the third level where the second says nothing, and what then says nothing.
_NO_ACCENTS = _SEPARATOR * 2
_LEAST = _SMALL + _SEPARATOR
_CONTEXT = "\0"
# In the place of a weight, where a character has fewer of one level than of another.
_NONE = "\1"
# What a character map has for a character that stands for nothing.
_NO_WEIGHT = "\ufffe"

# https://www.unicode.org/reports/tr10/#Values_For_Base_Table
_SINIFORM, _KANJI, _FURTHER_KANJI = 0xFB00, 0xFB40, 0xFB80


@lru_cache(maxsize=16_384)
def sort_key(text: str) -> str:
    """Return the key of a name; names stand in the order of their keys' code points (or bytes)."""
    if text.isascii():
        return _key_of_ascii(text[:_DECISIVE].encode())
    text = normalize("NFC", text)[:_DECISIVE]
    weights = text.translate(_weights())
    if _CONTEXT in weights:
        elements = _collator().collation_elements(normalize("NFD", text))
        first, second, third = (_written(elements, level) for level in range(3))
    else:
        first, second, third = weights[::3], weights[1::3], weights[2::3]
        if _NONE in weights:
            first, second, third = (level.replace(_NONE, "") for level in (first, second, third))
    levels = (first[:_LONGEST], second[:_LONGEST].rstrip(_PLAIN), third[:_LONGEST].rstrip(_SMALL))
    key = _SEPARATOR.join(levels)
    return key.rstrip(_SEPARATOR)


def _key_of_ascii(text: bytes) -> str:
    """Return the key of a text without accents. A character has one weight of each level or none."""
    letters, cases = _ascii_weights()
    first, third = charmap_decode(text, "ignore", letters), charmap_decode(text, "ignore", cases)
    return f"{first[0]}{_NO_ACCENTS}{third[0]}".rstrip(_LEAST)


class _Weights(dict[int, str]):
    """What a character contributes: three weights, one of each level, or several times three.

    It is found when the character is first met. One whose weights depend on what stands before it
    contributes `_CONTEXT`.
    """

    def __missing__(self, code: int) -> str:
        decomposed = normalize("NFD", chr(code))
        if combining(decomposed[0]) or ord(decomposed[0]) in _collator().table.contextual:
            weights = _CONTEXT
        else:
            elements = _collator().collation_elements(decomposed)
            levels = (_written(elements, level) for level in range(3))
            weights = "".join(chain.from_iterable(zip_longest(*levels, fillvalue=_NONE)))
        self[code] = weights
        return weights


@cache
def _weights() -> _Weights:
    return _Weights()


@cache
def _ascii_weights() -> tuple[str, str]:
    """Return the first and the third level of the ASCII characters as tables of a character map."""
    weights = [_weights()[code] or _NO_WEIGHT * 3 for code in range(128)]
    return "".join(w[0] for w in weights), "".join(w[2] for w in weights)


@cache
def _collator() -> "BaseCollator":
    # Its table takes some time to read: only who loads names does.
    from shared.store.datasets.collation_table import open_collator

    return open_collator()


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
