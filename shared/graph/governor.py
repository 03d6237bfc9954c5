"""The rate governor: nothing is sent to Graph that the budget of app x tenant x service does not cover.

The budget is shared by all workers through the injected purse, and asked for each request: units
kept here could be spent while another worker is told to wait. Waits up to 30 seconds are slept
here; a longer one is raised as Throttled, and the run goes on later.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from shared.core import clock
from shared.core.errors import Throttled
from shared.core.telemetry import Metric
from shared.core.throttling import Budget
from shared.graph.budgets import budget_of, pause_at, writes_of
from shared.graph.exchange import Exchange

GRAPH_WAIT = Metric(
    name="kanri.graph.wait",
    kind="histogram",
    unit="s",
    description="Waiting before a request: for our own budget, or as Retry-After asked.",
    dimensions=("service", "cause"),
)

LONGEST_SLEEP = 30.0


class Purse(Protocol):
    """Where the budget of one app in one tenant is kept.

    Implemented by `usecases.spend_budget.SharedPurse` over `store.registers.budgets`.
    """

    async def reserve(self, bucket: str, budget: Budget, cost: float, max_wait: float) -> float:
        """Reserve `cost` units; return the seconds to wait before sending.

        A negative number is the wait that would exceed `max_wait`: nothing was reserved.
        """
        ...

    async def blocked(self, bucket: str) -> bool:
        """Tell whether a penalty is running."""
        ...

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Let nobody send for `seconds`."""
        ...


class Governor:
    """Spends budgets for one tenant. `users` tells how many it has, if that is known."""

    def __init__(
        self, purse: Purse, users: Callable[[], Awaitable[int | None]] | None = None
    ) -> None:
        self._purse = purse
        self._users = users

    async def spend(self, bucket: str, cost: float, *, writes: bool = False) -> None:
        """Return when `cost` units may be spent. Raises Throttled when that is over 30 s away.

        What `writes` spends one of the service's writes besides, where they are limited apart.
        """
        apart = writes_of(bucket) if writes else None
        # A write counts among all requests as well: both budgets pay for it.
        if apart is not None:
            await self._spend(apart, 1)
        await self._spend(bucket, cost)

    async def _spend(self, bucket: str, cost: float) -> None:
        budget = await self._budget(bucket)
        while True:
            wait = await self._purse.reserve(bucket, budget, cost, LONGEST_SLEEP)
            if wait < 0:
                raise Throttled("graph_budget", retry_after=-wait, service=bucket)
            if wait == 0:
                return
            GRAPH_WAIT.emit(wait, service=bucket, cause="budget")
            await clock.sleep(wait)
            # Graph may have told any worker to wait meanwhile: what was reserved is void then.
            if not await self._purse.blocked(bucket):
                return

    async def settle(self, bucket: str, cost: float, exchange: Exchange) -> None:
        """Take into account what Graph said of a request that was thought to cost `cost`.

        What it cost more is owed: the next request waits for it. Near the limit nobody sends a
        while.
        """
        owed = (exchange.units or 0) - cost
        # Reserved and not waited for: the request is done, it is the next one that has to wait.
        if owed > 0:
            await self._purse.reserve(bucket, await self._budget(bucket), owed, LONGEST_SLEEP)
        pause = pause_at(exchange.share or 0)
        if pause:
            GRAPH_WAIT.emit(pause, service=bucket, cause="budget")
            await self._purse.penalize(bucket, pause)

    async def _budget(self, bucket: str) -> Budget:
        return budget_of(bucket, None if self._users is None else await self._users())

    async def penalize(self, bucket: str, seconds: float, *, writes: bool = False) -> None:
        """Keep a Retry-After: nobody sends before it ends, or nobody `writes` where that is apart."""
        bucket = (writes_of(bucket) if writes else None) or bucket
        GRAPH_WAIT.emit(seconds, service=bucket, cause="retry_after")
        await self._purse.penalize(bucket, seconds)
