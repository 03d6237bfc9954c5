"""Events that are asked for between two bounds, slice by slice."""

import asyncio
from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import LookBack, Slices
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.graph.paging import read_pages
from shared.graph.requests import window_url
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

DATASET = "message_traces"


@pytest.fixture(autouse=True)
def two_days(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A first run that reads two days in slices of half a day, a few hundred rows a page."""
    sandbox_admin.throttle(0)
    spec = bench.collector(DATASET)
    back = LookBack(every=timedelta(hours=6), reach=timedelta(hours=12))
    extent = replace(
        Slices.of(spec),
        initial=timedelta(days=2),
        span=timedelta(hours=12),
        look_backs=(back,),
    )
    bench.changed[DATASET] = replace(spec, ask=spec.ask.sized(300), extent=extent)
    yield
    sandbox_admin.throttle(1)


def truth(bench: Bench, since: datetime, until: datetime) -> dict[str, str]:
    """Status by id of what Graph tells of one window."""

    async def read() -> dict[str, str]:
        client = GraphClient(bench.settings, bench.tenant_id, Governor(bench.purse), QUICK)
        spec = bench.collector(DATASET)
        place = [column.name for column in spec.columns].index("status")
        found: dict[str, str] = {}
        try:
            async for page in read_pages(
                client, spec, window_url(client.endpoint, spec, since, until)
            ):
                told = zip(page.rows.ids, page.rows.values, strict=True)
                found |= {own: str(values[place]) for own, values in told}
        finally:
            await client.aclose()
        return found

    return asyncio.run(read())


def current(bench: Bench) -> dict[str, str]:
    return dict(stored(bench, DATASET, "id, status", "valid_to IS NULL"))


@pytest.mark.parametrize("slice_seconds", [60.0, 0.0])
def test_slices_together_are_the_whole_window(bench: Bench, slice_seconds: float) -> None:
    bench.slice_seconds = slice_seconds
    row = collected(bench, DATASET)
    assert row.window_from is not None
    assert row.window_to is not None
    assert row.window_to - row.window_from == timedelta(days=2)
    told = truth(bench, row.window_from + timedelta(seconds=1), row.window_to)
    kept = current(bench)
    assert set(told) <= set(kept)
    assert bench.count(DATASET) == len(kept), "nothing twice"
    assert len({own.split("/")[0] for own in kept}) < len(kept), "a row for each recipient"
    if slice_seconds == 0.0:
        assert row.parts > 4, "a message for each page"


def test_a_status_that_moves_later_is_found(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    told = sandbox_admin.event(DATASET, {"status": "pending"}, age=1_800)
    collected(bench, DATASET)
    own = f"{told['id']}/{told['recipientAddress']}"
    assert current(bench)[own] == "pending"
    again = {"id": told["id"], "recipientAddress": told["recipientAddress"], "status": "delivered"}
    sandbox_admin.event(DATASET, again)
    row = collected(bench, DATASET)
    assert row.counts.updated >= 1
    assert current(bench)[own] == "delivered"
    assert row.window_from is not None
    assert row.started_at - row.window_from < timedelta(hours=2), "not all is read again"


def test_a_lost_link_reads_its_slice_anew(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    bench.slice_seconds = 0.0
    [message] = bench.messages(DATASET)
    following = bench.work(message)
    assert following is not None
    sandbox_admin.faults({"kind": "not_found", "path": "messageTraces.*skiptoken", "count": 1})
    while following is not None:
        following = bench.work(following)
    [row] = bench.runs.ledger(bench.tenant_id, DATASET, limit=1)
    assert (row.state, row.cause) == ("ok", None)
    assert row.window_from is not None
    told = truth(bench, row.window_from + timedelta(seconds=1), row.started_at)
    assert set(told) <= set(current(bench))


def test_a_slice_that_fails_moves_no_watermark(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    collected(bench, DATASET)
    sandbox_admin.faults({"kind": "missing_permission", "path": "messageTraces"})
    row = bench.collect(DATASET)
    assert row is not None
    assert row.state == "not_permitted"
    sandbox_admin.clear_faults()
    again = collected(bench, DATASET)
    assert again.window_from is not None
    assert again.window_from < row.started_at
    assert again.finished_at <= clock.now()
