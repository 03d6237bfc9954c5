"""Names the lines of a usage report, whose file has no ids: every line gets one of its own.

The report knows people by names, and a name may be missing ("(Unknown)", for instance while an
account is being made or removed:
https://github.com/microsoftgraph/microsoft-graph-docs/issues/15148) or be given again after its
first owner has left. What the file offers besides tells such lines apart; those that it does not
tell apart are numbered, since each is a mailbox, drive or person that counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from operator import itemgetter

from shared.core.collector import Collector, Csv, Daily

type Cells = Mapping[str, str]

# What Microsoft writes where it knows or tells no name, in lower case.
_NOBODY = frozenset({"", "(unknown)", "00000000-0000-0000-0000-000000000000"})
_DELETED = frozenset({"true", "yes"})


class LineNames:
    """The ids of one file's lines. `survey` it first; then ask for each line once.

    `alike` is how many lines nothing in the file tells from another one.
    """

    def __init__(self, collector: Collector) -> None:
        self._key = collector.key
        self._file = Csv.of(collector)
        self._date = Daily.of(collector).date
        self._shared: dict[tuple[str, str], int] = {}
        self._numbers: dict[str, list[bytes]] = {}
        self._given: Counter[tuple[str, bytes]] = Counter()
        self.alike = 0

    def survey(self, lines: Iterable[Cells], again: Iterable[Cells]) -> None:
        """Find the names that several lines share; `again` are the same lines once more.

        Only those are remembered, not the file.
        """
        total: Counter[tuple[str, str]] = Counter()
        living: Counter[tuple[str, str]] = Counter()
        for cells in lines:
            name = self._dated(cells)
            total[name] += 1
            living[name] += _lives(cells)
        self._shared = {
            name: living[name] for name, count in total.items() if count > 1 or not name[1]
        }
        if not self._shared:
            return
        numbers = defaultdict(list)
        for cells in again:
            if not self._is_plain(cells):
                numbers[self._full(cells)].append(_digest(cells))
        self._numbers = {own: sorted(found) for own, found in numbers.items() if len(found) > 1}
        self.alike = sum(map(len, self._numbers.values()))

    def name(self, cells: Cells) -> str:
        """Return the line's id; ValueError if nothing names it and nothing else could."""
        if self._is_plain(cells):
            return self._own(cells)
        full = self._full(cells)
        if full not in self._numbers:
            if not full:
                raise ValueError("has no key")
            return full
        # In the order of their contents: the file's own order may change from one day to the next.
        digest = _digest(cells)
        number = self._numbers[full].index(digest) + self._given[full, digest]
        self._given[full, digest] += 1
        return full if number == 0 else f"{full}#{number + 1}"

    def _own(self, cells: Cells) -> str:
        if _tells(cells.get(self._key[0], "")):
            return "/".join(cells[header] for header in self._key)
        others = (cells.get(header, "") for header in self._file.instead)
        return next(filter(_tells, others), "")

    def _dated(self, cells: Cells) -> tuple[str, str]:
        return cells[self._date], self._own(cells)

    def _is_plain(self, cells: Cells) -> bool:
        """Whether the line keeps its name as it is: alone, or the only one that is not deleted."""
        name = self._dated(cells)
        living = self._shared.get(name)
        return living is None or (living == 1 and name[1] != "" and _lives(cells))

    def _full(self, cells: Cells) -> str:
        told = filter(_tells, (cells.get(header, "") for header in self._file.apart))
        parts = [part for part in (self._own(cells), *told) if part]
        nobody = "(Unknown)" if self._file.apart else ""
        return "/".join(parts) or nobody


def _tells(cell: str) -> bool:
    return cell.strip().lower() not in _NOBODY


def _lives(cells: Cells) -> bool:
    return cells.get("Is Deleted", "").strip().lower() not in _DELETED


def _digest(cells: Cells) -> bytes:
    ordered = (value for _, value in sorted(cells.items(), key=itemgetter(0)))
    return blake2b("\x1f".join(ordered).encode(), digest_size=16).digest()
