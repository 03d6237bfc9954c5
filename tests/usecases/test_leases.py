"""A worker that waits for Graph keeps its run; one that died does not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.store.work.run_records import Run
from shared.usecases import keep_run
from tests.fixtures.collecting import Bench
from tests.fixtures.works import collecting

pytestmark = pytest.mark.stack


def test_a_run_that_waits_for_a_slow_page_keeps_its_lease(
    bench: Bench, sandbox_admin: SandboxAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_run, "BEAT", timedelta(seconds=0.05))
    kept: list[datetime] = []
    keep = bench.runs.keep

    def noted(run: Run, now: datetime) -> None:
        keep(run, now)
        kept.append(now)

    monkeypatch.setattr(bench.runs, "keep", noted)
    sandbox_admin.faults({"kind": "slow", "path": "/domains", "seconds": 1.5})
    [message] = bench.messages("domains")
    every = {"domains": timedelta(hours=1)}

    async def work_and_look() -> bool:
        working = asyncio.create_task(bench.deliver(message))
        while len(kept) < 2:  # noqa: ASYNC110 - what is waited for happens in another thread
            await asyncio.sleep(0.01)
        opened = kept[0] - timedelta(seconds=1)
        # The lease that the run was opened with would have ended by then.
        lost = await asyncio.to_thread(
            bench.runs.claim_due, opened + timedelta(minutes=2), collecting(every)
        )
        await working
        return bool(lost)

    assert not asyncio.run(work_and_look())
    [row] = bench.runs.ledger(bench.tenant_id, "domains")
    assert (row.state, row.parts) == ("ok", 1)


def test_only_the_holder_keeps_a_run(bench: Bench) -> None:
    [message] = bench.messages("domains")
    every, start = {"domains": timedelta(hours=1)}, clock.now()
    first = bench.runs.open(message, start)
    second = bench.runs.open(message, start)
    assert isinstance(first, Run)
    assert isinstance(second, Run)
    bench.runs.keep(first, start + timedelta(hours=1))
    assert len(bench.runs.claim_due(start + timedelta(minutes=3), collecting(every))) == 1
    bench.runs.keep(second, start + timedelta(hours=1))
    assert bench.runs.open(message, start + timedelta(minutes=3)) == "stale"


def test_two_workers_with_the_same_message_do_its_work_once(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 40)
    sandbox_admin.faults({"kind": "slow", "path": "/users/delta", "seconds": 0.2})
    [message] = bench.messages("users")
    with ThreadPoolExecutor(2) as pool:
        deliveries = [pool.submit(bench.work, message) for _ in range(2)]
        assert [delivery.result(timeout=60) for delivery in deliveries] == [None, None]
    [row] = bench.runs.ledger(bench.tenant_id, "users")
    users = set(sandbox_admin.journal("users")["objects"])
    assert (row.state, row.counts.closed) == ("ok", 0)
    assert set(bench.current("users")) == users
    assert bench.count("users") == row.counts.inserted == row.rows == len(users)


def test_a_continuation_delivered_twice_and_late_does_no_harm(bench: Bench) -> None:
    bench.small_pages("users", 60)
    bench.slice_seconds = 0.0
    [message] = bench.messages("users")
    following = bench.work(message)
    assert following is not None
    with ThreadPoolExecutor(2) as pool:
        deliveries = [pool.submit(bench.work, following) for _ in range(2)]
        more = [delivery.result(timeout=60) for delivery in deliveries]
    left = [again for again in more if again is not None]
    assert left, "one of the two went on with the run"
    while left:
        again = bench.work(left.pop())
        left += [again] if again is not None else []
        assert bench.work(following) is None, "an old continuation is stale"
    [row] = bench.runs.ledger(bench.tenant_id, "users")
    assert row.state == "ok"
    assert bench.count("users") == len(bench.current("users")) == row.rows
