"""The documented throttling budgets, per application and tenant (wall-clock windows).

Figures: "Microsoft Graph service-specific throttling limits".
"""

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass

from infra.local.sandbox.messages import ApiError


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` requests in `seconds`; `silent` limits answer 429 without Retry-After."""

    amount: int
    seconds: float
    silent: bool = False
    scope: str = "Tenant_Application"


IDENTITY_SECONDS = 10.0
LIMITS: dict[str, tuple[Limit, ...]] = {
    "reports": (Limit(14, 600.0), Limit(40, 600.0, scope="Tenant")),
    "audit": (Limit(5, 10.0),),
    "conditional_access": (Limit(1, 1.0, silent=True, scope="Tenant"),),
    "service_health": (Limit(240, 60.0), Limit(800, 3_600.0)),
}


def identity_units(users: int) -> int:
    """Resource units per 10 seconds of a tenant: small, medium or large."""
    return 3_500 if users < 50 else 5_000 if users <= 500 else 8_000


class Throttle:
    """Sliding windows of spent units. `scale` multiplies every budget; 0 switches throttling off."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.refused = 0
        self._spent: defaultdict[tuple[str, ...], deque[tuple[float, int]]] = defaultdict(deque)

    def reset(self) -> None:
        """Forget everything that was spent."""
        self._spent.clear()

    def spend(
        self, tenant: str, app: str, budget: str, path: str, cost: int, users: int
    ) -> dict[str, str]:
        """Spend on a budget and return the headers that tell about it; raises ApiError 429."""
        if not self.scale:
            return {"x-ms-resource-unit": str(cost)} if budget == "identity" else {}
        if budget == "identity":
            limit = Limit(int(identity_units(users) * self.scale), IDENTITY_SECONDS)
            used = self._charge(("identity", tenant, app), limit, cost)
            headers = {"x-ms-resource-unit": str(cost)}
            share = used / limit.amount
            if share >= 0.8:
                headers["x-ms-throttle-limit-percentage"] = f"{min(share, 1.8):.2f}"
            return headers
        for number, limit in enumerate(LIMITS[budget]):
            scaled = Limit(
                max(1, int(limit.amount * self.scale)), limit.seconds, limit.silent, limit.scope
            )
            who = (tenant,) if limit.scope == "Tenant" else (tenant, app)
            what = path if budget == "reports" else ""
            self._charge((budget, str(number), what, *who), scaled, 1)
        return {}

    def _charge(self, key: tuple[str, ...], limit: Limit, cost: int) -> int:
        now = time.monotonic()
        window = self._spent[key]
        while window and window[0][0] <= now - limit.seconds:
            window.popleft()
        used = sum(units for _when, units in window)
        if used + cost > limit.amount and window:
            self.refused += 1
            wait = max(1, math.ceil(window[0][0] + limit.seconds - now))
            headers = {} if limit.silent else {"retry-after": str(wait)}
            headers["x-ms-throttle-scope"] = f"{limit.scope}/ReadWrite/{key[1]}"
            headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
            raise ApiError(429, "TooManyRequests", "Too many requests.", headers)
        window.append((now, cost))
        return used + cost
