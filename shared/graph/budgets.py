"""What Microsoft Graph lets one app spend in one tenant, by throttling service.

https://learn.microsoft.com/en-us/graph/throttling-limits

A service is one file of `shared/graph/services` with one `SERVICE`; its name is the file's. A limit
of `n` per window is kept as a token bucket of `capacity` that is refilled at `rate` a second with
capacity + floor(window * rate) <= n: then no window of that length exceeds the limit, wherever it
starts. A bucket is called as the service whose limit it keeps; `service/part` is one of several.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.core.collector import Collector
from shared.core.kind import Kind
from shared.core.registry import of

_VARIABLE = re.compile(r"\{[^}]*\}")
WRITES = "writes"  # the part of a service's buckets that only what changes something draws from


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`rate` units a second, `capacity` units at once."""

    rate: float
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One throttling service; `docs` is the page with its limit, `name` is filled in from its file.

    `budget` holds for every request. `writes`, where a service limits them apart, is drawn from
    besides, by requests that change something. `sizes` are the budgets of tenants that have so many
    users or more, ascending. `units` are the resource units of a GET by its path, in which every
    variable part is spelled `{id}`; any other costs 1. `options_count`: query options change that.
    `apart`: each dataset has a limit of its own.
    """

    docs: str
    budget: Budget
    writes: Budget | None = None
    sizes: tuple[tuple[int, Budget], ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    options_count: bool = False
    apart: bool = False
    name: str = field(default="", compare=False)

    def units_of(
        self, path: str, *, selects: bool = False, expands: bool = False, top: int | None = None
    ) -> int:
        """Return what a GET of `path` costs, at least 1; where requests are counted that is all.

        Where options count: $select -1, $expand +1, $top below 20 -1.
        """
        units = self.units.get(_VARIABLE.sub("{id}", path), 1)
        if self.options_count:
            units += expands - selects - (top is not None and top < 20)
        return max(units, 1)

    def budget_for(self, users: int | None) -> Budget:
        """Return the budget of a tenant of `users`; where that is not known, of the smallest."""
        granted = (budget for least, budget in reversed(self.sizes) if (users or 0) >= least)
        return next(granted, self.budget)


SERVICES = Kind("shared.graph.services", "SERVICE", Service, named="name")


def services() -> tuple[str, ...]:
    """Return the name of every throttling service, sorted, without importing one."""
    return tuple(of(SERVICES))


def service_of(bucket: str) -> Service:
    """Return the service that a bucket belongs to; KeyError if there is none."""
    return of(SERVICES)[bucket.partition("/")[0]]


def budget_of(bucket: str, users: int | None = None) -> Budget:
    """Return the budget behind a bucket's name in a tenant of `users`; KeyError without one."""
    service = service_of(bucket)
    if bucket.partition("/")[2] != WRITES:
        return service.budget_for(users)
    if service.writes is None:
        raise KeyError(bucket)
    return service.writes


def writes_of(bucket: str) -> str | None:
    """Return the bucket that writes draw from besides; None where they are not limited apart."""
    if service_of(bucket).writes is None:
        return None
    return f"{bucket.partition('/')[0]}/{WRITES}"


def cost_of(collector: Collector) -> int:
    """Return what one request of `collector` costs."""
    ask = collector.ask
    return service_of(ask.service).units_of(
        ask.path, selects=bool(collector.select), expands=bool(ask.expand), top=ask.top
    )


def bucket_of(collector: Collector) -> str:
    """Return the name of the bucket that reads of `collector` draw from."""
    if service_of(collector.service).apart:
        return f"{collector.service}/{collector.dataset}"
    return collector.service


_WARNS_FROM = 0.8
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0


def pause_at(share: float) -> float:
    """Return the seconds to send nothing when Graph says that so much of the limit is used.

    https://learn.microsoft.com/en-us/graph/throttling-limits#regular-responses-requests: from 0.8
    to 1.8, where 1 is all of it. What is above 0.8 flows off in that part of the 10 s window; after
    a pause there is no burst.
    """
    if share < _WARNS_FROM:
        return 0.0
    return min(max(10 * (share - _WARNS_FROM), _SHORTEST_PAUSE), _LONGEST_PAUSE)
