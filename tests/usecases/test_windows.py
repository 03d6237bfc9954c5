"""Events that come late, change, or do not come at all: what windows ask for, and what they find."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Since
from shared.core.coverage import Coverage
from shared.store.answers.reports import Reports
from shared.store.work.run_records import LedgerRow, Run
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

HOUR = 3600.0
_SUCCESS = {"errorCode": 0, "failureReason": "Other.", "additionalDetails": None}
_INTERRUPTED = {"errorCode": 50074, "failureReason": "Strong", "additionalDetails": None}


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Five requests in ten seconds are too few for these tests."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


def collected(bench: Bench, dataset: str = "sign_ins") -> LedgerRow:
    row = bench.collect(dataset)
    assert row is not None
    assert (row.state, row.cause) == ("ok", None)
    return row


def hours_pass(bench: Bench, hours: float, dataset: str = "sign_ins") -> None:
    """Let the saved place say that the last read and its look-backs were `hours` earlier."""
    [message] = bench.messages(dataset)
    run = bench.runs.open(message, clock.now())
    assert isinstance(run, Run)
    place = dict(run.checkpoint or {})
    looked = cast("dict[str, str]", place["lookedBack"])
    place["lookedBack"] = {name: earlier(at, hours) for name, at in looked.items()}
    bench.runs.finish(run, "ok", now=clock.now(), place=place)


def earlier(instant: str, hours: float) -> str:
    return (datetime.fromisoformat(instant) - timedelta(hours=hours)).isoformat()


def coverage(bench: Bench, dataset: str = "sign_ins", as_of: datetime | None = None) -> Coverage:
    with Reports(bench.engine, bench.collector).snapshot(bench.tenant_id) as snapshot:
        [entry] = snapshot.standing([dataset], as_of).coverage
    return entry


@pytest.mark.parametrize("dataset", ["sign_ins", "directory_audits"])
def test_late_events_are_found_by_looking_back(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    collected(bench, dataset)
    three = sandbox_admin.event(dataset, {}, age=3 * HOUR)["id"]
    day = sandbox_admin.event(dataset, {}, age=26 * HOUR)["id"]
    sandbox_admin.event(dataset, {}, age=60)
    assert collected(bench, dataset).counts.inserted == 1, "an hour back finds none of the late"
    hours_pass(bench, 3, dataset)
    row = collected(bench, dataset)
    assert (row.counts.inserted, three in bench.current(dataset)) == (1, True)
    assert row.window_from is not None
    assert row.started_at - row.window_from == timedelta(hours=6)
    hours_pass(bench, 21, dataset)
    row = collected(bench, dataset)
    assert (row.counts.inserted, day in bench.current(dataset)) == (1, True)
    assert row.window_from is not None
    assert row.started_at - row.window_from == timedelta(days=3)
    assert collected(bench, dataset).counts.inserted == 0
    assert set(bench.current(dataset)) <= set(sandbox_admin.journal(dataset)["objects"])


def test_events_late_by_hours_are_found_in_hours_and_late_by_days_in_a_day(bench: Bench) -> None:
    """An event no later than `reach - every` is reached by the look-back after its showing."""
    extent = Since.of(bench.collector("sign_ins"))
    late = [look.reach - look.every for look in extent.look_backs]
    assert late == [timedelta(hours=3), timedelta(days=2)]


def test_coverage_says_up_to_when_events_are_final(bench: Bench) -> None:
    assert coverage(bench).final_until is None
    first = collected(bench)
    assert first.final_until == first.started_at - timedelta(days=3)
    second = collected(bench)
    assert second.final_until == first.final_until, "only the furthest look-back moves it"
    assert coverage(bench).final_until == first.final_until
    hours_pass(bench, 24)
    third = collected(bench)
    assert coverage(bench).final_until == third.started_at - timedelta(days=3)
    assert coverage(bench, as_of=second.finished_at).final_until == first.final_until


def test_a_look_back_that_could_not_read_all_makes_nothing_final(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench)
    hours_pass(bench, 24)
    sandbox_admin.faults(
        {"kind": "wrong_type", "path": "/signIns", "property": "userId", "count": 1}
    )
    row = bench.collect("sign_ins")
    assert row is not None
    assert (row.state, row.cause) == ("partial", "rows_rejected")
    assert coverage(bench).final_until == first.final_until
    sandbox_admin.clear_faults()
    row = collected(bench)
    assert row.window_from is not None
    assert row.started_at - row.window_from == timedelta(days=3), "it is looked at again at once"


def test_a_sign_in_that_ends_well_after_all_takes_the_place_of_the_interrupted_one(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    told = sandbox_admin.event("sign_ins", {"status": _INTERRUPTED}, age=600)
    before = collected(bench)
    known = bench.current("sign_ins")
    again = {"id": told["id"], "status": _SUCCESS, "riskLevelDuringSignIn": "high"}
    sandbox_admin.event("sign_ins", again, age=540)
    row = collected(bench)
    assert (row.counts.inserted, row.counts.updated, row.rows) == (0, 1, before.rows)
    event = bench.current("sign_ins")[told["id"]]
    assert (event["status"], event["riskLevelDuringSignIn"]) == (_SUCCESS, "high")
    assert known[told["id"]]["status"] == _INTERRUPTED
    assert bench.count("sign_ins") == len(bench.current("sign_ins")) + 1, "what was told is kept"
    assert collected(bench).counts.updated == 0


@pytest.mark.parametrize("pages", [1, 2])
def test_a_sign_in_listed_twice_is_its_later_self(
    bench: Bench, sandbox_admin: SandboxAdmin, pages: int
) -> None:
    told = sandbox_admin.event("sign_ins", {"status": _INTERRUPTED}, age=600)
    again = {"id": told["id"], "status": _SUCCESS}
    sandbox_admin.event("sign_ins", again, age=300, twice=True)
    if pages == 2:
        spec = bench.collector("sign_ins")
        extent = replace(Since.of(spec), initial=timedelta(hours=1))
        bench.changed["sign_ins"] = replace(spec, ask=replace(spec.ask, top=1), extent=extent)
    collected(bench)
    assert bench.current("sign_ins")[told["id"]]["status"] == _SUCCESS
    assert collected(bench).counts.updated == 0
    assert bench.count("sign_ins") == len(bench.current("sign_ins"))


def test_windows_without_events_do_not_walk_backwards(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "no_rows", "path": "/directoryAudits"})
    rows = [collected(bench, "directory_audits") for _ in range(4)]
    assert all(row.counts.read == 0 for row in rows)
    for last, row in pairwise(rows):
        assert row.window_from == last.started_at - timedelta(hours=1)
