"""The rate governor: nothing is sent to Graph that the budget of app x tenant x service does not cover.

The budget is shared by all workers through the injected purse. Waits up to 30 seconds are slept
here; a longer one is raised as Throttled, and the run goes on later.
"""

import asyncio
import time
from typing import Protocol

from shared.core.errors import Throttled
from shared.core.telemetry import GRAPH_WAIT
from shared.graph.budgets import Budget, budget_of

LONGEST_SLEEP = 30.0
# Reserved ahead, units are spent without asking again whether another worker was told to wait.
_AHEAD_SECONDS = 2.0


class Purse(Protocol):
    """Where the budget is kept. Implemented over the store for one app and one tenant."""

    async def reserve(self, bucket: str, budget: Budget, cost: float, max_wait: float) -> float:
        """Reserve `cost` units; return the seconds to wait before sending.

        A negative number is the wait that would exceed `max_wait`: nothing was reserved.
        """
        ...

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Let nobody send for `seconds`."""
        ...


class Governor:
    """Spends budgets for one tenant."""

    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._ahead: dict[str, tuple[float, float]] = {}
        self._blocked_until: dict[str, float] = {}

    async def spend(self, bucket: str, cost: float) -> None:
        """Return when `cost` units may be spent. Raises Throttled when that is over 30 s away."""
        budget = budget_of(bucket)
        units, until = self._ahead.get(bucket, (0.0, 0.0))
        if units >= cost and time.monotonic() < until:
            self._ahead[bucket] = (units - cost, until)
            return
        wanted = max(cost, budget.ahead)
        await self._reserve(bucket, budget, wanted)
        # Graph may have asked for a wait while this one was slept: what was reserved is void then.
        while (left := self._blocked_until.get(bucket, 0.0) - time.monotonic()) > 0:
            if left > LONGEST_SLEEP:
                raise Throttled("graph_budget", retry_after=left, service=bucket)
            await asyncio.sleep(left)
            await self._reserve(bucket, budget, wanted)
        self._ahead[bucket] = (wanted - cost, time.monotonic() + _AHEAD_SECONDS)

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Keep a Retry-After: what was reserved ahead is void, and nobody sends before it ends."""
        GRAPH_WAIT.emit(seconds, service=bucket, cause="retry_after")
        self._ahead.pop(bucket, None)
        until = time.monotonic() + seconds
        self._blocked_until[bucket] = max(until, self._blocked_until.get(bucket, 0.0))
        await self._purse.penalize(bucket, seconds)

    async def _reserve(self, bucket: str, budget: Budget, units: float) -> None:
        wait = await self._purse.reserve(bucket, budget, units, LONGEST_SLEEP)
        if wait < 0:
            raise Throttled("graph_budget", retry_after=-wait, service=bucket)
        if wait > 0:
            GRAPH_WAIT.emit(wait, service=bucket, cause="budget")
            await asyncio.sleep(wait)
