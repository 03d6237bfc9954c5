"""A worker that waits for Graph keeps its run; one that died does not."""

import asyncio
from datetime import datetime, timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.store.run_records import Run
from shared.usecases import keep_run
from tests.fixtures.collecting import Bench

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
        lost = await asyncio.to_thread(bench.runs.claim_due, opened + timedelta(minutes=2), every)
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
    assert len(bench.runs.claim_due(start + timedelta(minutes=3), every)) == 1
    bench.runs.keep(second, start + timedelta(hours=1))
    assert bench.runs.open(message, start + timedelta(minutes=3)) == "stale"
