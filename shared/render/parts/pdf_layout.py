"""How the table of a PDF is laid out: paper, widths of columns, and groups of them side by side or in turn."""

from collections.abc import Sequence

from msgspec import Struct

from shared.core.report import ReportColumn
from shared.render.parts.pdf_font import width

MARGIN, SIZE, LEADING = 34.0, 7.5, 10.0
_SHORT, _LONG = 595.28, 841.89  # A4
_PADDING, _LEAST, _MOST = 6.0, 28.0, 170.0


class Layout(Struct, frozen=True):
    """The paper, and the places of the columns in the answer that each page of a turn shows, with widths.

    More than one group: the rows of a page come once for each, the first column with each.
    """

    paper: tuple[float, float]
    groups: tuple[tuple[tuple[int, float], ...], ...]

    @property
    def widths(self) -> dict[int, float]:
        """The width of each column; of the first one the least that it has in a group."""
        found: dict[int, float] = {}
        for group in self.groups:
            for place, wide in group:
                found[place] = min(wide, found.get(place, wide))
        return found


def layout(
    columns: Sequence[ReportColumn], heads: Sequence[str], looked_at: Sequence[Sequence[str]]
) -> Layout:
    """Return the layout for columns of which the texts of some rows are known.

    Upright where they fit, else lying; where that is not enough, in groups.
    """
    wanted = [
        _wanted(heads[place], [row[place] for row in looked_at]) for place in range(len(columns))
    ]
    total = sum(wanted)
    paper = (_SHORT, _LONG) if total <= _SHORT - 2 * MARGIN else (_LONG, _SHORT)
    room = paper[0] - 2 * MARGIN
    groups = _groups(wanted, room)
    return Layout(paper, tuple(_stretched(group, wanted, room) for group in groups))


def _wanted(head: str, cells: Sequence[str]) -> float:
    wide = max((width(cell[:80].replace("\n", " "), SIZE) for cell in cells), default=0.0)
    # A header is broken where a cell had better not be.
    return min(_MOST, max(_LEAST, wide, width(head, SIZE) / 2) + _PADDING)


def _groups(wanted: Sequence[float], room: float) -> list[list[int]]:
    groups: list[list[int]] = [[0]]
    left = room - wanted[0]
    for place in range(1, len(wanted)):
        if wanted[place] > left:
            groups.append([0])
            left = room - wanted[0]
        groups[-1].append(place)
        left -= wanted[place]
    return groups


def _stretched(
    group: Sequence[int], wanted: Sequence[float], room: float
) -> tuple[tuple[int, float], ...]:
    """Give what is left of the width to the columns, no more than half of what each wants."""
    total = sum(wanted[place] for place in group)
    share = min(1.5, room / total)
    return tuple((place, wanted[place] * share) for place in group)
