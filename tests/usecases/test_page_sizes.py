"""Pages that are too big for Graph: less is asked for, remembered, and more tried again later."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.store.work.run_records import LedgerRow, Run
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

_PATHS = {
    "sign_ins": r"/signIns.*top=(120|60)\b",
    "user_registration_details": r"/userRegistrationDetails.*maxpagesize=(120|60)\b",
    "users": r"/users/delta.*maxpagesize=(160|80)\b",
}


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Five requests in ten seconds are too few for these tests."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


@pytest.fixture(params=sorted(_PATHS))
def dataset(request: pytest.FixtureRequest, bench: Bench) -> str:
    """A dataset of each extent that asks for a size, with several pages."""
    bench.small_pages("users", 160)
    spec = bench.collector("sign_ins")
    bench.changed["sign_ins"] = replace(spec, ask=replace(spec.ask, top=120))
    spec = bench.collector("user_registration_details")
    pages = replace(spec.ask, page_size=120)
    bench.changed["user_registration_details"] = replace(spec, ask=pages)
    return str(request.param)


def collected(bench: Bench, dataset: str) -> LedgerRow:
    row = bench.collect(dataset)
    assert row is not None
    assert (row.state, row.cause) == ("ok", None)
    return row


def a_day_passes(bench: Bench, dataset: str) -> None:
    """Let the saved place say that its size is a day old."""
    [message] = bench.messages(dataset)
    run = bench.runs.open(message, clock.now())
    assert isinstance(run, Run)
    place = dict(run.checkpoint or {})
    since = datetime.fromisoformat(str(place["sizedAt"])) - timedelta(days=1)
    place = {**place, "sizedAt": since.isoformat()}
    bench.runs.finish(run, "ok", now=clock.now(), place=place)


def struck(sandbox_admin: SandboxAdmin) -> int:
    [fault] = sandbox_admin.stats()["faults"]
    return int(fault["struck"])


@pytest.mark.parametrize("after", [0, 1])
def test_less_is_asked_for_and_remembered_and_more_tried_a_day_later(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, after: int
) -> None:
    rule = {"kind": "gateway_timeout", "path": _PATHS[dataset], "after": after}
    sandbox_admin.faults(rule)
    row = collected(bench, dataset)
    assert row.rows > 160, "several pages"
    refused = struck(sandbox_admin)
    assert refused == 8, "four tries of each size that is too big"
    stored = set(bench.current(dataset))
    assert collected(bench, dataset).counts.inserted == 0
    assert struck(sandbox_admin) == refused, "the size is remembered"
    a_day_passes(bench, dataset)
    assert collected(bench, dataset).counts.closed == 0
    assert struck(sandbox_admin) == refused + 4, "twice as much is tried once"
    sandbox_admin.clear_faults()
    assert set(bench.current(dataset)) == stored
    for _ in range(2):
        a_day_passes(bench, dataset)
        collected(bench, dataset)
    [message] = bench.messages(dataset)
    run = bench.runs.open(message, clock.now())
    assert isinstance(run, Run)
    assert "size" not in (run.checkpoint or {}), "as large as declared again"


def test_a_graph_that_never_answers_in_time_is_waited_for(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "gateway_timeout", "path": "/groups/delta"})
    assert bench.collect("groups") is None, "put off, not given up"
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert (line.state, line.cause) == ("throttled", "graph_unavailable")
