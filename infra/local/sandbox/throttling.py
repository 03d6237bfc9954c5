"""The documented throttling budgets, per application and tenant (windows by the clock of the stack).

Figures: "Microsoft Graph service-specific throttling limits".
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.sandbox.messages import ApiError
from infra.local.sandbox.scan import united
from shared.core import clock


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` units (what a route costs) in `seconds`; `silent` limits answer 429 without Retry-After.

    An `amount` may depend on the number of users. `by_path` limits hold for each path by itself.
    """

    amount: int | Callable[[int], int]
    seconds: float
    silent: bool = False
    scope: str = "Tenant_Application"
    by_path: bool = False
    what: str = "ReadWrite"

    def scaled(self, scale: float, users: int) -> int:
        """Units in a tenant with so many users."""
        amount = self.amount if isinstance(self.amount, int) else self.amount(users)
        return max(1, int(amount * scale))


IDENTITY_SECONDS = 10.0


def identity_units(users: int) -> int:
    """Resource units per 10 seconds of a tenant: small, medium or large."""
    return 3_500 if users < 50 else 5_000 if users <= 500 else 8_000


_IDENTITY = Limit(identity_units, IDENTITY_SECONDS)
_WRITES = Limit(3_000, 150.0, what="Write")  # of what changes something in the directory, besides


@dataclass(slots=True)
class Spent:
    """What a budget was asked for: requests granted and refused, units, and the fullest that a window of
    a limit was (1: no more would have been granted)."""

    requests: int = 0
    refused: int = 0
    units: int = 0
    busiest: float = 0.0


class Throttle:
    """Sliding windows of spent units. `scale` multiplies every budget; 0 switches throttling off."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.spent: defaultdict[str, Spent] = defaultdict(Spent)
        self._spent: defaultdict[tuple[str, ...], deque[tuple[float, int]]] = defaultdict(deque)

    @property
    def refused(self) -> int:
        """Requests that were refused so far."""
        return sum(one.refused for one in self.spent.values())

    def reset(self) -> None:
        """Forget everything that was spent."""
        self._spent.clear()

    def spend(
        self,
        tenant: str,
        app: str,
        budget: str,
        path: str,
        cost: int,
        users: int,
        *,
        writes: bool = False,
    ) -> dict[str, str]:
        """Spend on a budget and return the headers that tell about it; raises ApiError 429."""
        told = self.spent[budget]
        try:
            headers = self._pay(tenant, app, budget, path, cost, users, writes=writes)
        except ApiError:
            told.refused += 1
            raise
        told.requests += 1
        told.units += cost
        return headers

    def _pay(
        self,
        tenant: str,
        app: str,
        budget: str,
        path: str,
        cost: int,
        users: int,
        *,
        writes: bool,
    ) -> dict[str, str]:
        if not self.scale:
            return {"x-ms-resource-unit": str(cost)} if budget == "identity" else {}
        if writes and budget == "identity":
            self._charge(("writes", tenant, app), _WRITES, _WRITES.scaled(self.scale, users), 1)
        if budget == "identity":
            amount = _IDENTITY.scaled(self.scale, users)
            used = self._charge(("identity", tenant, app), _IDENTITY, amount, cost)
            headers = {"x-ms-resource-unit": str(cost)}
            share = used / amount
            if share >= 0.8:
                headers["x-ms-throttle-limit-percentage"] = f"{min(share, 1.8):.2f}"
            return headers
        limits: tuple[Limit, ...] = united("LIMITS")[budget]
        for number, limit in enumerate(limits):
            who = (tenant,) if limit.scope == "Tenant" else (tenant, app)
            key = (budget, str(number), path if limit.by_path else "", *who)
            self._charge(key, limit, limit.scaled(self.scale, users), cost)
        return {}

    def _charge(self, key: tuple[str, ...], limit: Limit, amount: int, cost: int) -> int:
        now = clock.monotonic()
        window = self._spent[key]
        while window and window[0][0] <= now - limit.seconds:
            window.popleft()
        used = sum(units for _when, units in window)
        if used + cost > amount and window:
            wait = max(1, math.ceil(window[0][0] + limit.seconds - now))
            headers = {} if limit.silent else {"retry-after": str(wait)}
            headers["x-ms-throttle-scope"] = f"{limit.scope}/{limit.what}/{key[1]}"
            headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
            raise ApiError(429, "TooManyRequests", "Too many requests.", headers)
        window.append((now, cost))
        told = self.spent[key[0]]
        told.busiest = max(told.busiest, (used + cost) / amount)
        return used + cost
