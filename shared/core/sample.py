"""What is kept of many requests: counts, histograms of their stages, and the slowest. Samples add up.

No tenant, caller, address, parameter or path with values is in it: routes are named by their function.
The first request of a worker waits for this file: no dataclass is made here, which takes a millisecond each.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from msgspec import Struct

from shared.core.latency import Histogram
from shared.core.stopwatch import BUDGETS, Stage

# Of the slowest requests so many are kept of each sample, so that as many of any sum are true.
SLOWEST = 10

# Who is told to wait is counted; the time that takes says nothing of what others wait for.
_UNTIMED = 429

# A caller may name his request as he likes; a name that is no number of ours is not kept.
_A_NUMBER = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


class Seen(Struct, frozen=True):
    """One request as it was answered. `route` is the name of its function, `exports` of a file.

    `spent` is in ms; `code` that of the error, None for none.
    """

    route: str
    exports: bool
    request_id: str
    at: datetime
    status: int
    code: str | None
    spent: Mapping[Stage, float]


class Slow(Struct, frozen=True):
    """One of the slowest; `request_id` is None if the caller named it in words of his own."""

    request_id: str | None
    route: str
    at: str
    status: int
    spent: Mapping[Stage, float]


class RouteSample:
    """The requests of one route: how many by status, and their stages."""

    __slots__ = ("stages", "statuses")

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.stages: dict[Stage, Histogram] = {}


class Sample:
    """The requests of a while. A route's key is (function, does it write a file).

    `refused` counts errors by `status code`, `lost` requests that a worker counted and could not keep.
    Files are written in seconds and have no budget: they are beyond none, and none of the slowest.
    """

    __slots__ = ("lost", "refused", "routes", "slowest")

    def __init__(self) -> None:
        self.routes: dict[tuple[str, bool], RouteSample] = {}
        self.refused: Counter[str] = Counter()
        self.slowest: list[Slow] = []
        self.lost = 0

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(route.statuses.total() for route in self.routes.values())

    def add(self, seen: Seen) -> None:
        """Count one request."""
        route = self.routes.setdefault((seen.route, seen.exports), RouteSample())
        route.statuses[seen.status] += 1
        if seen.code is not None:
            self.refused[f"{seen.status} {seen.code}"] += 1
        if seen.status == _UNTIMED:
            return
        for stage, ms in seen.spent.items():
            budget = None if seen.exports else BUDGETS.get(stage)
            route.stages.setdefault(stage, Histogram()).add(ms, budget)
        if not seen.exports:
            self._note_slow(seen)

    def _note_slow(self, seen: Seen) -> None:
        if len(self.slowest) == SLOWEST and seen.spent["whole"] <= _whole(self.slowest[-1]):
            return
        own = seen.request_id if _A_NUMBER.fullmatch(seen.request_id) else None
        spent = {stage: round(ms, 3) for stage, ms in seen.spent.items()}
        at = seen.at.isoformat(timespec="milliseconds")
        self._keep_slowest(Slow(own, seen.route, at, seen.status, spent))

    def _keep_slowest(self, *more: Slow) -> None:
        self.slowest = sorted([*self.slowest, *more], key=_whole, reverse=True)[:SLOWEST]

    def merge(self, other: "Sample") -> None:
        """Add the requests of another one."""
        for key, theirs in other.routes.items():
            ours = self.routes.setdefault(key, RouteSample())
            ours.statuses.update(theirs.statuses)
            for stage, histogram in theirs.stages.items():
                ours.stages.setdefault(stage, Histogram()).merge(histogram)
        self.refused.update(other.refused)
        self._keep_slowest(*other.slowest)
        self.lost += other.lost

    def told(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {
            "routes": [
                {
                    "route": route,
                    "exports": exports,
                    "statuses": [list(pair) for pair in sorted(found.statuses.items())],
                    "stages": {stage: one.told() for stage, one in found.stages.items()},
                }
                for (route, exports), found in self.routes.items()
            ],
            "refused": dict(self.refused),
            "slowest": [
                {
                    "request": slow.request_id,
                    "route": slow.route,
                    "at": slow.at,
                    "status": slow.status,
                    "spent": dict(slow.spent),
                }
                for slow in self.slowest
            ],
            "lost": self.lost,
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Return what `told` said."""
        found = cls()
        found.refused.update(told["refused"])
        found.lost = told["lost"]
        for one in told["routes"]:
            route = found.routes[one["route"], one["exports"]] = RouteSample()
            route.statuses.update(dict(one["statuses"]))
            route.stages = {stage: Histogram.read(each) for stage, each in one["stages"].items()}
        found.slowest = [
            Slow(one["request"], one["route"], one["at"], one["status"], one["spent"])
            for one in told["slowest"]
        ]
        return found


class Batch(Struct, frozen=True):
    """What one worker counted from `began_at` to `ended_at`; its `number` is given once."""

    worker_id: UUID
    number: int
    began_at: datetime
    ended_at: datetime
    sample: Sample


def _whole(slow: Slow) -> float:
    return slow.spent["whole"]
