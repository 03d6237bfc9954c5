"""What a chart shows of the rows of an answer: gathered while they are written, bounded whatever comes."""

import heapq
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.core.names import shown
from shared.core.text import Lang, text

if TYPE_CHECKING:
    from shared.core.report import Chart, ReportColumn

# So many bars are drawn, and of more rows so many; what rows are counted by may be any text.
MOST_BARS, FIRST_BARS, MOST_POINTS, _MOST_NAMES = 25, 12, 1_000, 500
_NAME_LENGTH = 80
# So many steps without a point are a gap: nobody knows what was there.
_A_GAP = 1.5

type Values = tuple[float | None, ...]
type Row = Sequence[object]


class Mark(Struct, frozen=True):
    """What stands at one place of a chart: its name, a value for each series, None where unknown.

    `at` is its place in time, in seconds; `apart` says that something lacks before it.
    """

    name: str
    values: Values
    at: float = 0.0
    apart: bool = False


class Gathered(Struct, frozen=True):
    """The marks of a chart in their order. `rows` were taken; `others` of them are not drawn, whose
    values come to `rest`, each None where they are unknown or not to be added up."""

    marks: tuple[Mark, ...]
    rows: int
    others: int = 0
    rest: Values = ()


class Gathering(Protocol):
    """Takes rows one by one, in the order of the answer's columns; says at last what is to be drawn."""

    def take(self, row: Row) -> None: ...
    def gathered(self) -> Gathered: ...


def gathering(
    chart: "Chart", columns: Sequence["ReportColumn"], lang: Lang, zone: str
) -> Gathering:
    """Return what gathers rows of `columns` for `chart`, which has its `across` among them.

    Names are written in `lang`, times in `zone`.
    """
    places = {column.id: place for place, column in enumerate(columns)}
    up = [places[name] for name in chart.up if name in places]
    names = _Names(columns[places[chart.across]], lang, ZoneInfo(zone))
    if not chart.up:
        return _Counted(places[chart.across], names)
    if chart.kind == "line":
        return _Added(places[chart.across], up, names)
    added = [(total := columns[at].total) is not None and total.function == "sum" for at in up]
    sign = 1 if chart.first == "largest" else -1
    return _Ranked(places[chart.across], up, names, sign, added)


class _Names:
    """How the values of a column are written beside bars and below lines."""

    def __init__(self, column: "ReportColumn", lang: Lang, zone: ZoneInfo) -> None:
        self.lang = lang
        self._labels, self._zone = column.labels, zone

    def of(self, value: object) -> str:
        if value is None or value == "":
            return text("chart.unknown", self.lang)
        if isinstance(value, datetime):
            local = value.astimezone(self._zone)
            midnight = not (local.hour or local.minute)
            return local.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
        if (word := self._labels.get(str(value))) is not None:
            return word.of(self.lang)
        name = shown(str(value))
        return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"


class _Counted:
    """How many rows there are of each name, most first, the unknown last."""

    def __init__(self, across: int, names: _Names) -> None:
        self._across, self._names = across, names
        self._numbers: dict[object, int] = {}
        self._more = 0

    def take(self, row: Row) -> None:
        name = row[self._across]
        if name in self._numbers:
            self._numbers[name] += 1
        elif len(self._numbers) < _MOST_NAMES:
            self._numbers[name] = 1
        else:
            self._more += 1

    def gathered(self) -> Gathered:
        ranked = sorted(self._numbers.items(), key=lambda one: (one[0] is None, -one[1]))
        fits = len(ranked) <= MOST_BARS and not self._more
        drawn = ranked if fits else ranked[: FIRST_BARS - 1]
        marks = [Mark(self._names.of(name), (float(number),)) for name, number in drawn]
        rows = sum(self._numbers.values()) + self._more
        if others := rows - sum(number for _, number in drawn):
            marks.append(Mark(text("chart.all_others", self._names.lang), (float(others),)))
        return Gathered(tuple(marks), rows)


class _Ranked:
    """A mark for each row; of many those with the largest number times `sign`, what is unknown last."""

    def __init__(
        self, across: int, up: Sequence[int], names: _Names, sign: int, added: Sequence[bool]
    ) -> None:
        self._across, self._up, self._names, self._sign, self._added = (
            across,
            up,
            names,
            sign,
            added,
        )
        self._rows = 0
        self._first: list[tuple[float, int, object, Values]] = []
        self._sums, self._known = [0.0] * len(up), [False] * len(up)

    def take(self, row: Row) -> None:
        values = tuple(_number(row[place]) for place in self._up)
        rank = -math.inf if values[0] is None else values[0] * self._sign
        # Of equals the one that came first stays.
        entry = (rank, -self._rows, row[self._across], values)
        self._rows += 1
        if len(self._first) < MOST_BARS:
            heapq.heappush(self._first, entry)
            return
        self._leave(heapq.heappushpop(self._first, entry)[3])

    def _leave(self, values: Values) -> None:
        for place, value in enumerate(values):
            if value is not None:
                self._sums[place] += value
                self._known[place] = True

    def gathered(self) -> Gathered:
        if self._rows <= MOST_BARS:
            came = sorted(self._first, key=lambda one: -one[1])
            return Gathered(tuple(map(self._mark, came)), self._rows)
        while len(self._first) > FIRST_BARS:
            self._leave(heapq.heappop(self._first)[3])
        marks = map(self._mark, sorted(self._first, reverse=True, key=lambda one: one[:2]))
        rest = zip(self._sums, self._added, self._known, strict=True)
        told = tuple(total if adds and known else None for total, adds, known in rest)
        return Gathered(tuple(marks), self._rows, self._rows - len(self._first), told)

    def _mark(self, entry: tuple[float, int, object, Values]) -> Mark:
        return Mark(self._names.of(entry[2]), entry[3])


class _Added:
    """A mark for each time, the rows of one time added up; of very many the newest."""

    def __init__(self, across: int, up: Sequence[int], names: _Names) -> None:
        self._across, self._up, self._names = across, up, names
        self._rows = self._left = 0
        self._at: dict[float, tuple[date, list[float | None]]] = {}

    def take(self, row: Row) -> None:
        self._rows += 1
        when = row[self._across]
        if not isinstance(when, date):
            self._left += 1
            return
        _, sums = self._at.setdefault(_seconds(when), (when, [None] * len(self._up)))
        for number, place in enumerate(self._up):
            if (value := _number(row[place])) is not None:
                sums[number] = value + (sums[number] or 0.0)
        if len(self._at) > 2 * MOST_POINTS:
            self._forget()

    def _forget(self) -> None:
        for old in sorted(self._at)[:-MOST_POINTS]:
            del self._at[old]
            self._left += 1

    def gathered(self) -> Gathered:
        return Gathered(tuple(self._points()), self._rows, self._left)

    def _points(self) -> Iterator[Mark]:
        times = sorted(self._at)[-MOST_POINTS:]
        steps = sorted(b - a for a, b in pairwise(times))
        longest = _A_GAP * steps[len(steps) // 2] if steps else 0.0
        before = None
        for at in times:
            when, sums = self._at[at]
            apart = before is not None and at - before > longest
            yield Mark(self._names.of(when), tuple(sums), at, apart)
            before = at


def _seconds(when: date) -> float:
    if isinstance(when, datetime):
        return when.timestamp()
    return (when - date(1970, 1, 1)) / timedelta(seconds=1)


def _number(value: object) -> float | None:
    """Return the value of a cell as a number; None where it is unknown or no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = float(value)
    return found if math.isfinite(found) else None
