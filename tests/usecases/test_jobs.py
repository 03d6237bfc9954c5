"""Lists that Graph makes on demand: posted, asked for, read; a run waits in the queue, never asleep."""

import asyncio
from collections.abc import Iterator
from copy import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Job, Slices
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import LedgerRow
from shared.store.work.work_state import WORK_STATE
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK
from tests.fixtures.stored import stored

pytestmark = pytest.mark.stack

DATASET = "audit_records"


@pytest.fixture(autouse=True)
def one_day(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A first run that reads one day; jobs that are done when they are first asked for."""
    sandbox_admin.throttle(0)
    sandbox_admin.tenant(auditQuerySeconds=0)
    spec = bench.collector(DATASET)
    overlap, span = timedelta(hours=20), timedelta(days=1)
    extent = replace(
        Slices.of(spec), initial=timedelta(days=1), overlap=overlap, look_backs=(), span=span
    )
    bench.changed[DATASET] = replace(spec, ask=spec.ask.sized(100), extent=extent)
    yield
    sandbox_admin.tenant(auditQuerySeconds=2)
    sandbox_admin.throttle(1)


def to_the_end(bench: Bench, tries: int = 30) -> LedgerRow:
    for _ in range(tries):
        row = bench.collect(DATASET)
        if row is not None:
            return row
    raise AssertionError(f"the run has not ended after {tries} tries")


def jobs(bench: Bench) -> int:
    """How many searches the tenant has been asked for."""

    async def read() -> int:
        client = GraphClient(bench.settings, bench.tenant_id, Governor(bench.purse), QUICK)
        try:
            url = f"{client.endpoint}/v1.0/security/auditLog/queries?$top=999"
            return len(msgspec.json.decode(await client.read(url, bucket="general"))["value"])
        finally:
            await client.aclose()

    return asyncio.run(read())


def test_a_job_is_posted_waited_for_and_read(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.tenant(auditQuerySeconds=3_600)
    before = jobs(bench)
    assert bench.collect(DATASET) is None, "posted, and put off"
    assert bench.collect(DATASET) is None, "under way"
    assert jobs(bench) == before + 1
    assert stored(bench, DATASET, "id") == []
    sandbox_admin.advance(3_601)
    row = to_the_end(bench)
    assert (row.state, row.cause) == ("ok", None)
    assert jobs(bench) == before + 1, "the same job was gone on with"
    ids = stored(bench, DATASET, "id, operation")
    assert len({own for own, _operation in ids}) == len(ids) == row.rows > 50, "none twice"


def put_off(bench: Bench) -> tuple[timedelta, timedelta]:
    """Collect; the least and the most that the run may have been put off, however long that took."""
    began = clock.now()
    assert bench.collect(DATASET) is None
    ended = clock.now()
    with tenant_session(bench.engine, bench.tenant_id) as connection:
        line = select(WORK_STATE.c.next_due).filter_by(tenant_id=bench.tenant_id, subject=DATASET)
        due = connection.execute(line).scalar_one()
    return due - ended, due - began


def test_a_young_job_is_looked_at_soon_and_an_old_one_seldom(
    bench: Bench, sandbox_admin: SandboxAdmin, tmp_path: Path
) -> None:
    sandbox_admin.tenant(auditQuerySeconds=36_000)
    every, seconds = Job.of(bench.collector(DATASET)).every, timedelta(seconds=1)
    assert every == 60 * seconds
    clock.follow(tmp_path / "clock")
    try:
        assert put_off(bench)[0] <= 5 * seconds, "just posted"
        clock.move(tmp_path / "clock", 30 * seconds)
        least, most = put_off(bench)
        assert least <= every
        assert most >= 30 * seconds, "as long again as it has taken"
        clock.move(tmp_path / "clock", timedelta(hours=1))
        least, most = put_off(bench)
        assert least <= every <= most
    finally:
        clock.follow(None)


def test_a_worker_that_dies_after_posting_leaves_a_job_that_is_gone_on_with(bench: Bench) -> None:
    before = jobs(bench)
    [message] = bench.messages(DATASET)
    bench.work(message)
    assert jobs(bench) == before + 1
    bench.work(message)  # the same message again: another delivery, the same place
    [row] = bench.runs.ledger(bench.tenant_id, DATASET, limit=1)
    assert (row.run_id, row.state) == (message.run_id, "ok")
    assert jobs(bench) == before + 1


@pytest.mark.parametrize("kind", ["query_fails", "query_is_cancelled"])
def test_a_job_that_failed_is_posted_anew(
    bench: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    before = jobs(bench)
    sandbox_admin.faults({"kind": kind, "path": "auditLog/queries$", "method": "POST", "count": 1})
    assert to_the_end(bench).state == "ok"
    assert jobs(bench) == before + 2


def test_a_job_that_always_fails_ends_the_run(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.faults({"kind": "query_fails", "path": "auditLog/queries$"})
    row = to_the_end(bench)
    assert (row.state, row.cause) == ("failed", "job_failed")
    sandbox_admin.clear_faults()
    assert to_the_end(bench).state == "ok"


def test_a_job_that_is_gone_is_posted_anew(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    before = jobs(bench)
    sandbox_admin.faults({"kind": "not_found", "path": "auditLog/queries/[^/]+$", "count": 1})
    assert to_the_end(bench).state == "ok"
    assert jobs(bench) == before + 2


def test_a_job_that_never_ends_is_given_up(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    spec = bench.collector(DATASET)
    answer = replace(Job.of(spec), within=timedelta(0))
    bench.changed[DATASET] = replace(spec, answer=answer)
    sandbox_admin.faults({"kind": "query_never_ends", "path": "auditLog/queries$"})
    row = to_the_end(bench)
    assert (row.state, row.cause) == ("failed", "job_too_late")


def test_a_job_that_gives_too_little_is_asked_for_in_halves(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    assert to_the_end(bench).state == "ok"
    known = sandbox_admin.journal(DATASET, select=["id"])["objects"].keys()
    every = bench.collect(DATASET) or to_the_end(bench)
    spec = bench.collector(DATASET)
    job = Job.of(spec)
    limited = replace(job, body=(*job.body, ("recordCountLimit", every.counts.read // 3)))
    bench.changed[DATASET] = replace(spec, answer=limited)
    before = jobs(bench)
    row = to_the_end(bench)
    arrived = sandbox_admin.journal(DATASET, select=["id"])["objects"].keys() - known
    assert row.state == "ok"
    assert row.counts.inserted <= len(arrived), "nothing but what arrived meanwhile"
    assert row.counts.read >= every.counts.read, "all of them again"
    assert jobs(bench) >= before + 6
