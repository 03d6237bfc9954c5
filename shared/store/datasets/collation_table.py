"""The Default Unicode Collation Element Table, as pyuca ships it, taken apart as far as names need it.

As a whole it costs 0.2 s of CPU and 25 MB; a tenant's names have some hundred letters.
https://www.unicode.org/reports/tr10/#Data_Files
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyuca import collator as pyuca
from pyuca.trie import Trie

# The lines of which several code points make one entry, and the first of these.
_SEVERAL = re.compile(r"\n(([0-9A-F]{4,6}) [0-9A-F].*)")
_RANGE = re.compile(r"\n@implicitweights (\w+)\.\.(\w+); (\w+)")
# An entry of one code point begins with it in so many places, and a semicolon.
_WIDTH = 6


class Table:
    """The table by the first code point of its entries, in the form that pyuca's collator asks for.

    `contextual` are the characters that may make one element with what stands before them;
    `ranges` are first and last code point and base of scripts whose weights follow from the code.
    """

    def __init__(self, text: str) -> None:
        self._trie = Trie()
        lines = text.splitlines()
        self._unread = dict(zip([line[: _WIDTH + 1] for line in lines], lines, strict=True))
        self._several: defaultdict[str, list[str]] = defaultdict(list)
        following: set[int] = set()
        for line, first in _SEVERAL.findall(text):
            self._several[first].append(line)
            following.update(_numbers(line.partition(";")[0].split()[1:]))
        self.contextual = frozenset(following)
        self.ranges = [_numbers(found) for found in _RANGE.findall(text)]

    def find_prefix(self, key: list[int]) -> Any:
        """Return the longest entry at the start of `key`, its elements and the rest of `key`."""
        first = f"{key[0]:04X}"
        own = self._unread.pop(f"{first:{_WIDTH}};", None)
        if own is not None:
            for line in (own, *self._several[first]):
                self._add(line)
        return self._trie.find_prefix(key)

    def _add(self, line: str) -> None:
        codes, _, elements = line.partition("#")[0].partition(";")
        weights = (match.groups() for match in pyuca.COLL_ELEMENT_PATTERN.finditer(elements))
        self._trie.add(_numbers(codes.split()), [_numbers(each) for each in weights])


def open_collator() -> Any:
    """Return pyuca's collator over a `Table`."""
    collator = pyuca.Collator_10_0_0(os.devnull)
    file = Path(pyuca.__file__).with_name(f"allkeys-{collator.UCA_VERSION}.txt")
    collator.table = Table(file.read_text(encoding="ascii"))
    collator.implicit_weights = collator.table.ranges
    return collator


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text, 16) for text in texts]
