"""What Microsoft Graph lets one app spend in one tenant, by throttling service.

https://learn.microsoft.com/en-us/graph/throttling-limits

A limit of `n` per window is kept as a token bucket of `capacity` that is refilled at `rate` a second
with capacity + floor(window * rate) <= n: then no window of that length exceeds the limit, wherever
it starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.core.collector import Collector, FanOut, Pages, UsageCsv


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`rate` units a second, `capacity` units at once. `docs` is the limit's page."""

    rate: float
    capacity: float
    docs: str


_PAGE = "https://learn.microsoft.com/en-us/graph/throttling-limits"

BUDGETS: Mapping[str, Budget] = {
    # 3,500 resource units per 10 s in a tenant of under 50 users, the smallest of three sizes.
    "directory": Budget(
        rate=175, capacity=1750, docs=f"{_PAGE}#identity-and-access-service-limits"
    ),
    # 5 requests per 10 s for auditLogs and the authentication reports together.
    "identity_reports": Budget(
        rate=0.49, capacity=1, docs=f"{_PAGE}#identity-and-access-reports-service-limits"
    ),
    # 1 request per second for all apps of the tenant; its 429 carries no Retry-After.
    "conditional_access": Budget(
        rate=0.9,
        capacity=1,
        docs=f"{_PAGE}#identity-protection-and-conditional-access-service-limits",
    ),
    # 14 requests per 10 minutes for each report.
    "usage_reports": Budget(rate=6.9 / 600, capacity=8, docs=f"{_PAGE}#reports-service-limits"),
    # 240 per minute and 800 per hour; the hour is the tighter one.
    "service_health": Budget(
        rate=700 / 3600, capacity=100, docs=f"{_PAGE}#service-communications-service-limits"
    ),
    # Not in a table of its own: 130,000 requests per 10 s for the app over all tenants.
    "general": Budget(rate=50, capacity=500, docs=f"{_PAGE}#global-limit"),
}

# Resource units of a GET, by the beginning of the path; every other path costs 1.
_UNITS: Mapping[str, int] = {
    "users/delta": 1,
    "users": 2,
    "groups/{id}/members": 3,
    "subscribedSkus": 3,
}


def cost_of(collector: Collector) -> int:
    """Return what one request costs. In the directory: $select -1, $expand +1, $top below 20 -1, never below 1."""
    if collector.service != "directory":
        return 1
    units = next((u for path, u in _UNITS.items() if collector.request.startswith(path)), 1)
    mode = collector.mode
    if not isinstance(mode, UsageCsv) and mode.select:
        units -= 1
    if isinstance(mode, Pages) and mode.expand:
        units += 1
    if isinstance(mode, Pages | FanOut) and mode.top is not None and mode.top < 20:
        units -= 1
    return max(units, 1)


def bucket_of(collector: Collector) -> str:
    """Return the name of the bucket that reads of `collector` draw from.

    Usage reports are limited one by one, all other services as a whole.
    """
    if isinstance(collector.mode, UsageCsv):
        return f"{collector.service}/{collector.dataset}"
    return collector.service


def budget_of(bucket: str) -> Budget:
    """Return the budget behind a bucket's name; KeyError for a service without one."""
    return BUDGETS[bucket.partition("/")[0]]
