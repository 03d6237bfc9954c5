"""Lends the store's budgets, shared by all workers, to the Graph door's governor."""

import asyncio
import time
from math import inf
from uuid import UUID

from shared.core.throttling import Budget
from shared.store.registers.budgets import Budgets

_COUNTED_EVERY = 600.0  # seconds: a tenant seldom grows into another size


class SharedPurse:
    """The purse of one app in one tenant (see graph.governor.Purse)."""

    def __init__(self, budgets: Budgets, app: str, tenant_id: UUID) -> None:
        self._budgets = budgets
        self._app = app
        self._tenant_id = tenant_id
        self._known: int | None = None
        self._known_at = -inf

    async def reserve(self, bucket: str, budget: Budget, cost: float, max_wait: float) -> float:
        """Reserve in one statement; negative if the wait would exceed `max_wait` seconds."""
        return await asyncio.to_thread(
            self._budgets.reserve,
            self._app,
            self._tenant_id,
            bucket,
            rate=budget.rate,
            capacity=budget.capacity,
            cost=cost,
            max_wait=max_wait,
        )

    async def blocked(self, bucket: str) -> bool:
        """Tell whether a Retry-After that any worker was given is running."""
        return await asyncio.to_thread(self._budgets.blocked, self._app, self._tenant_id, bucket)

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Keep a Retry-After for every worker."""
        await asyncio.to_thread(self._budgets.penalize, self._app, self._tenant_id, bucket, seconds)

    async def users(self) -> int | None:
        """Tell how many users the tenant has, from time to time anew: its budget depends on it."""
        if time.monotonic() - self._known_at > _COUNTED_EVERY:
            self._known_at = time.monotonic()
            self._known = await asyncio.to_thread(self._budgets.users, self._tenant_id)
        return self._known
