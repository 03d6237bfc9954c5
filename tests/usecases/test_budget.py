"""The budget in the store, as several workers spend it at once."""

import asyncio
import time

import pytest
from sqlalchemy import Engine

from shared.core.errors import Throttled
from shared.graph.governor import Governor
from shared.store.registers.budgets import Budgets
from shared.usecases.spend_budget import SharedPurse
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack


def governors(engine: Engine, bench: Bench, count: int) -> list[Governor]:
    """Governors of as many workers, each with a purse of its own over the same database."""
    return [Governor(SharedPurse(Budgets(engine), "app-1", bench.tenant_id)) for _ in range(count)]


def test_two_workers_share_one_narrow_budget(app_engine: Engine, bench: Bench) -> None:
    workers = governors(app_engine, bench, 2)

    async def race() -> list[float]:
        start = time.monotonic()
        sent: list[float] = []

        async def send(worker: Governor) -> None:
            for _ in range(2):
                await worker.spend("conditional_access", 1)
                sent.append(time.monotonic() - start)

        await asyncio.gather(*(send(worker) for worker in workers))
        return sorted(sent)

    sent = asyncio.run(race())
    assert len(sent) == 4
    assert all(at > 0.99 * place for place, at in enumerate(sent)), "one a second for all together"


def test_a_penalty_holds_for_every_worker(app_engine: Engine, bench: Bench) -> None:
    first, second = governors(app_engine, bench, 2)

    async def penalized() -> None:
        await first.spend("directory", 1)
        await first.penalize("directory", 90)
        await second.spend("directory", 1)

    with pytest.raises(Throttled) as raised:
        asyncio.run(penalized())
    assert 80 < raised.value.retry_after < 91, "the penalty and what the second worker asked for"


def test_a_worker_that_was_sending_stops_when_another_is_told_to_wait(
    app_engine: Engine, bench: Bench
) -> None:
    first, second = governors(app_engine, bench, 2)

    async def told() -> None:
        await second.spend("directory", 1)
        await first.penalize("directory", 90)
        await second.spend("directory", 1)

    with pytest.raises(Throttled) as raised:
        asyncio.run(told())
    assert 80 < raised.value.retry_after < 91


def test_who_waits_for_its_turn_waits_out_a_penalty_that_comes_meanwhile(
    app_engine: Engine, bench: Bench
) -> None:
    first, second = governors(app_engine, bench, 2)

    async def told() -> float:
        await first.spend("conditional_access", 1)
        waiting = asyncio.create_task(second.spend("conditional_access", 1))
        await asyncio.sleep(0.3)
        start = time.monotonic()
        await first.penalize("conditional_access", 2)
        await waiting
        return time.monotonic() - start

    assert asyncio.run(told()) >= 1.9, "its turn was after a second"


def test_other_services_and_tenants_are_not_held_up(app_engine: Engine, bench: Bench) -> None:
    [worker] = governors(app_engine, bench, 1)

    async def apart() -> float:
        await worker.penalize("directory", 90)
        start = time.monotonic()
        await worker.spend("service_health", 1)
        return time.monotonic() - start

    assert asyncio.run(apart()) < 80


def test_the_size_of_a_tenant_is_known_once_its_users_are(app_engine: Engine, bench: Bench) -> None:
    def users() -> int | None:
        purse = SharedPurse(Budgets(app_engine), "app-1", bench.tenant_id)
        return asyncio.run(purse.users())

    assert users() is None
    bench.collect("users")
    assert users() == len(bench.current("users"))
