"""Budgets are reserved before sending; long waits are raised, short ones slept."""

import asyncio

import pytest

from shared.core.errors import Throttled
from shared.core.registry import collector, datasets
from shared.core.throttling import Budget
from shared.graph.budgets import (
    WRITES,
    budget_of,
    pause_at,
    service_of,
    services,
)
from shared.graph.exchange import Exchange
from shared.graph.governor import Governor
from tests.fixtures.graph import OpenPurse


def test_each_request_asks_the_shared_budget(purse: OpenPurse) -> None:
    governor = Governor(purse)

    async def spend() -> None:
        for _ in range(3):
            await governor.spend("directory", 1)
        await governor.penalize("directory", 0.01)
        await governor.spend("identity_reports", 1)

    asyncio.run(spend())
    assert purse.reserved == [("directory", 1)] * 3 + [("identity_reports", 1)]
    assert purse.penalties == [("directory", 0.01)]


def test_a_wait_beyond_thirty_seconds_is_raised(purse: OpenPurse) -> None:
    purse.wait = -45.0
    with pytest.raises(Throttled) as raised:
        asyncio.run(Governor(purse).spend("usage_reports/mailbox_usage", 1))
    assert raised.value.retry_after == 45


def test_a_short_wait_is_slept(purse: OpenPurse) -> None:
    purse.wait = 0.05

    async def spend() -> float:
        start = asyncio.get_running_loop().time()
        await Governor(purse).spend("service_health", 1)
        return asyncio.get_running_loop().time() - start

    assert asyncio.run(spend()) >= 0.05


@pytest.mark.parametrize(
    ("service", "limit", "window"),
    [
        ("directory", 3500, 10),
        ("identity_reports", 5, 10),
        ("conditional_access", 1, 1),
        ("usage_reports", 14, 600),
        ("service_health", 800, 3600),
        ("service_health", 240, 60),
        ("directory/writes", 3000, 150),
        ("exchange_trace", 100, 300),
        ("security", 150, 60),
        ("secure_score", 10_000, 600),
        ("outlook", 10_000, 600),
        ("teams", 30, 1),
        ("call_records", 1500, 20),
        ("call_record_lists", 15, 20),
        ("call_record_lists", 55, 300),
        ("sharepoint", 1250, 60),
        ("sharepoint", 1_200_000, 86_400),
        ("intune", 2000, 20),
        ("hunting", 45, 60),
        ("subscriptions", 5000, 20),
        ("subscriptions/writes", 1000, 20),
    ],
)
def test_no_window_can_exceed_the_documented_limit(service: str, limit: int, window: int) -> None:
    budget = budget_of(service)
    assert budget.capacity + int(budget.rate * window) <= limit


@pytest.mark.parametrize("dataset", datasets())
def test_every_collector_has_a_budget_that_covers_its_cost(dataset: str) -> None:
    spec = collector(dataset)
    assert 1 <= spec.cost <= budget_of(spec.bucket).capacity


def test_costs_follow_the_documented_rules() -> None:
    costs = {name: collector(name).cost for name in ("users", "sign_in_activity", "members")}
    assert costs == {"users": 1, "sign_in_activity": 1, "members": 2}
    assert collector("role_assignments").cost == 2
    assert collector("mailbox_usage").bucket != collector("active_users").bucket


@pytest.mark.parametrize(
    ("users", "units"),
    [(None, 3500), (0, 3500), (49, 3500), (50, 5000), (500, 5000), (501, 8000), (90_000, 8000)],
)
def test_the_directory_gives_a_tenant_what_its_size_is_granted(
    users: int | None, units: int
) -> None:
    budget = budget_of("directory", users)
    assert budget.capacity + budget.rate * 10 == units
    assert budget_of("identity_reports", users) == service_of("identity_reports").budget
    assert budget_of(f"directory/{WRITES}", users) == budget_of(f"directory/{WRITES}")


@pytest.mark.parametrize("name", services())
def test_every_service_says_where_its_limit_stands(name: str) -> None:
    service = service_of(name)
    assert service.docs.startswith("https://learn.microsoft.com/en-us/")
    for budget in (service.budget, service.writes, *(budget for _, budget in service.sizes)):
        assert budget is None or (budget.rate > 0 and budget.capacity >= 1)
    assert list(service.sizes) == sorted(service.sizes, key=lambda size: size[0])
    assert all(cost > 1 for cost in service.units.values()), "1 is what any path costs"


def test_a_bucket_without_a_budget_is_refused() -> None:
    for bucket in ("salaries", "", "__init__", f"outlook/{WRITES}"):
        with pytest.raises(KeyError):
            budget_of(bucket)


def test_costs_of_paths_are_those_of_their_service() -> None:
    directory, files = service_of("directory"), service_of("sharepoint")
    assert directory.units_of("users") == 2
    assert directory.units_of("users/{id}") == 1
    assert directory.units_of("groups/{group}/members", selects=True, expands=True) == 3
    assert directory.units_of("subscribedSkus", top=5) == 2
    assert files.units_of("drives/{drive}/items/{item}/permissions", selects=True) == 5
    assert service_of("teams").units_of("teams", expands=True) == 1


def test_a_governor_asks_for_the_budget_of_the_tenants_size(purse: OpenPurse) -> None:
    offered: list[float] = []

    class Noting(OpenPurse):
        async def reserve(self, bucket: str, budget: Budget, cost: float, max_wait: float) -> float:
            offered.append(budget.rate)
            return await super().reserve(bucket, budget, cost, max_wait)

    async def users() -> int | None:
        return 501

    asyncio.run(Governor(Noting(), users).spend("directory", 1))
    asyncio.run(Governor(Noting()).spend("directory", 1))
    assert offered == [400, 175]


def test_what_a_request_cost_more_than_thought_is_owed(purse: OpenPurse) -> None:
    governor = Governor(purse)
    for units in (None, 1, 2, 5):
        asyncio.run(governor.settle("directory", 2, Exchange(units=units)))
    assert purse.reserved == [("directory", 3)]


@pytest.mark.parametrize(
    ("share", "pause"),
    [(0.0, 0), (0.79, 0), (0.8, 0.5), (0.9, 1), (1.0, 2), (1.8, 10), (99.0, 10)],
)
def test_near_the_limit_nobody_sends_for_a_while(
    purse: OpenPurse, share: float, pause: float
) -> None:
    assert pause_at(share) == pytest.approx(pause)
    purse.penalties.clear()

    async def settle() -> None:
        await asyncio.wait_for(
            Governor(Quick(purse)).settle("directory", 1, Exchange(share=share)), 60
        )

    asyncio.run(settle())
    assert [seconds for _, seconds in purse.penalties] == ([pytest.approx(pause)] if pause else [])


class Quick(OpenPurse):
    """Notes penalties in another purse and waits for none."""

    def __init__(self, noted: OpenPurse) -> None:
        super().__init__()
        self.penalties = noted.penalties

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Note the penalty."""
        self.penalties.append((bucket, seconds))
