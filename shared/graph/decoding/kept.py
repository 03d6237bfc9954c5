"""Which objects are kept, of a dataset that keeps not all of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.core.collector import Keep
from shared.graph.decoding.damaged_pages import NULL
from shared.graph.decoding.row_types import field


class Kept:
    """What objects are kept for: a property that they have, or a text that matches."""

    def __init__(self, keep: Keep) -> None:
        self._having = field(keep.having or "")
        patterns = keep.matching
        self._matching = [(field(source), re.compile(pattern)) for source, pattern in patterns]

    def passed_over(self, told: Mapping[str, Sequence[Any]]) -> Iterable[int]:
        """Return the places of the objects that have nothing to be kept for."""
        values = told.get(self._having, ())
        places = [place for place, value in enumerate(values) if value in (None, NULL)]
        for source, pattern in self._matching:
            texts = told.get(source, ())
            places = [place for place in places if not pattern.search(texts[place] or "")]
        return places
