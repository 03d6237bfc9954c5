"""Histograms of milliseconds that add up: of many workers and hours the sum is as if one had measured.

The buckets are those of OpenTelemetry's exponential histogram at scale 3: bucket `i` holds what is more than
2^(i/8) and at most 2^((i+1)/8) ms, so that a percentile is told at most 9 % too high, and never beyond the
longest that was seen. What is shorter than 1/16 ms or longer than four minutes is in the first or last one.
https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
"""

from collections import Counter
from collections.abc import Mapping
from math import ceil, log2
from typing import Any, Self

_A_DOUBLING = 8
_FIRST, _LAST = -4 * _A_DOUBLING - 1, 18 * _A_DOUBLING - 1


class Histogram:
    """Durations by bucket; `over` of them were beyond the budget, `total` and `most` are in ms."""

    __slots__ = ("buckets", "most", "over", "total")

    def __init__(self) -> None:
        self.buckets: Counter[int] = Counter()
        self.over = 0
        self.total = self.most = 0.0

    @property
    def count(self) -> int:
        """How many durations there are."""
        return sum(self.buckets.values())

    def add(self, ms: float, budget: float | None) -> None:
        """Count one duration; `budget` None: there is none that it could be beyond."""
        self.buckets[bucket_of(ms)] += 1
        self.total += ms
        self.most = max(self.most, ms)
        if budget is not None and ms > budget:
            self.over += 1

    def merge(self, other: "Histogram") -> None:
        """Add what another one has counted."""
        self.buckets.update(other.buckets)
        self.over += other.over
        self.total += other.total
        self.most = max(self.most, other.most)

    def percentile(self, share: float) -> float | None:
        """Return how many ms `share` of all took at most; None if nothing was counted."""
        wanted = ceil(share * self.count)
        for bucket in sorted(self.buckets):
            wanted -= self.buckets[bucket]
            if wanted <= 0:
                return min(2 ** ((bucket + 1) / _A_DOUBLING), self.most)
        return None

    def told(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {
            "buckets": [list(pair) for pair in sorted(self.buckets.items())],
            "over": self.over,
            "total": round(self.total, 3),
            "most": round(self.most, 3),
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Return what `told` said."""
        found = cls()
        found.buckets.update(dict(told["buckets"]))
        found.over, found.total, found.most = told["over"], told["total"], told["most"]
        return found


def bucket_of(ms: float) -> int:
    """Return the bucket that a duration is counted in."""
    if ms <= 0:
        return _FIRST
    return min(max(ceil(log2(ms) * _A_DOUBLING) - 1, _FIRST), _LAST)
