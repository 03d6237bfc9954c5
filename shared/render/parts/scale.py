"""The scale of an axis: round steps from below the least value to above the greatest, and as written."""

import math
from collections.abc import Iterable

from msgspec import Struct

_STEPS, _MOST = (1, 2, 5, 10), 5
# Beyond it a float no longer tells one from the next.
_EXACT = 1e15


class Scale(Struct, frozen=True):
    """Goes from `low` to `high`, nought included, by `ticks`; `unit` stands behind each number."""

    ticks: tuple[float, ...]
    unit: str = ""

    @property
    def low(self) -> float:
        return self.ticks[0]

    @property
    def high(self) -> float:
        return self.ticks[-1]

    def share(self, value: float) -> float:
        """Return where a value lies between `low` (0) and `high` (1)."""
        return (value - self.low) / (self.high - self.low)

    def written(self, value: float) -> str:
        """Return a number of this scale for people."""
        return written(value, self.unit)


def scale_of(values: Iterable[float], unit: str = "", *, whole: bool = False) -> Scale:
    """Return the scale that has room for `values`, in whole steps if they are `whole`."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    if low == high:
        return Scale((0.0, 1.0), unit)
    step = _step((high - low) / _MOST)
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step), math.ceil(high / step)
    # Multiplied, not added up: 0.1 three times is more than 0.3.
    return Scale(tuple(_plain(number * step) for number in range(first, last + 1)), unit)


def _step(least: float) -> float:
    """Return the least of 1, 2 and 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(_plain(step * power) for step in _STEPS if step * power >= least * (1 - 1e-9))


def _plain(value: float) -> float:
    return float(f"{value:.12g}")


def written(value: float, unit: str = "") -> str:
    """Return a number for people: thousands apart, at most two decimals, the unit behind it."""
    if abs(value) >= _EXACT:
        return f"{value:.3g}{unit}"
    if value and abs(value) < 0.01:
        return f"{value:.2g}{unit}"
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text) + unit
