"""What Microsoft Graph lets one app spend in one tenant, by throttling service.

https://learn.microsoft.com/en-us/graph/throttling-limits

A limit of `n` per window is kept as a token bucket of `capacity` that is refilled at `rate` a second
with capacity + floor(window * rate) <= n: then no window of that length exceeds the limit, wherever
it starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.core.collector import Collector, FanOut, Pages, UsageCsv


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`rate` units a second, `capacity` units at once. `docs` is the limit's page."""

    rate: float
    capacity: float
    docs: str


_PAGE = "https://learn.microsoft.com/en-us/graph/throttling-limits"

BUDGETS: Mapping[str, Budget] = {
    # 3,500 resource units per 10 s in a tenant of under 50 users; see `budget_of` for larger ones.
    "directory": Budget(
        rate=175, capacity=1750, docs=f"{_PAGE}#identity-and-access-service-limits"
    ),
    # 5 requests per 10 s for auditLogs and the authentication reports together: the page's list
    # names authenticationMethod in the place of authenticationMethodsRoot, says its source, and
    # that is what userRegistrationDetails is read below.
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

# Sizes of tenants, in users, and their resource units per 10 s.
_MEDIUM_FROM, _LARGE_ABOVE = 50, 500
_MEDIUM_UNITS, _LARGE_UNITS = 5000, 8000

_WARNS_FROM = 0.8
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0

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


def budget_of(bucket: str, users: int | None = None) -> Budget:
    """Return the budget behind a bucket's name; KeyError for a service without one.

    The directory grants more to larger tenants: with 50 to 500 `users` 5,000 units per 10 s, with
    more 8,000. A tenant whose number of users is not known counts as small.
    """
    service = bucket.partition("/")[0]
    budget = BUDGETS[service]
    if service != "directory" or users is None or users < _MEDIUM_FROM:
        return budget
    units = _MEDIUM_UNITS if users <= _LARGE_ABOVE else _LARGE_UNITS
    return replace(budget, rate=units / 20, capacity=units / 2)


def pause_at(share: float) -> float:
    """Return the seconds to send nothing when Graph says that so much of the limit is used.

    https://learn.microsoft.com/en-us/graph/throttling-limits#regular-responses-requests: from 0.8
    to 1.8, where 1 is all of it. What is above 0.8 flows off in that part of the 10 s window; after
    a pause there is no burst.
    """
    if share < _WARNS_FROM:
        return 0.0
    return min(max(10 * (share - _WARNS_FROM), _SHORTEST_PAUSE), _LONGEST_PAUSE)
