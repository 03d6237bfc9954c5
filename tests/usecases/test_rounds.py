"""Rounds that must begin anew, and rounds that never end."""

from copy import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Collector
from shared.graph.requests import fingerprint, first_url
from shared.store.work.run_records import LedgerRow, Run
from shared.usecases.read_listing import full_round_due
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack


def collected(bench: Bench, dataset: str) -> LedgerRow:
    row = bench.collect(dataset)
    assert row is not None
    return row


def before_the_upgrade(spec: Collector, *left_out: str) -> Collector:
    """The collector as it was when it did not ask for some properties yet."""
    columns = tuple(
        replace(column, source=f"@{column.source}") if column.source in left_out else column
        for column in spec.columns
    )
    before = replace(spec, columns=columns)
    assert len(before.select) == len(spec.select) - len(left_out)
    return before


def test_a_property_that_is_asked_for_since_an_upgrade_is_read_of_everybody(bench: Bench) -> None:
    spec = bench.collector("users")
    bench.changed["users"] = before_the_upgrade(spec, "department")
    collected(bench, "users")
    assert not any("department" in user for user in bench.current("users").values())
    del bench.changed["users"]
    row = collected(bench, "users")
    assert (row.state, row.counts.read, row.counts.closed) == ("ok", row.rows, 0)
    assert any(user.get("department") for user in bench.current("users").values())
    assert collected(bench, "users").counts.read == 0, "the new place is good"


def test_an_upgrade_in_the_middle_of_a_run_starts_it_anew(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    spec = bench.collector("users")
    small = replace(spec, ask=replace(spec.ask, page_size=40))
    bench.changed["users"] = before_the_upgrade(small, "department")
    bench.slice_seconds = 0.0
    [message] = bench.messages("users")
    following = bench.work(message)
    assert following is not None
    bench.changed["users"] = small
    while following is not None:
        following = bench.work(following)
    users = sandbox_admin.journal("users")["objects"]
    stored = bench.current("users")
    assert set(stored) == set(users)
    told = {key for key, user in users.items() if user.get("department")}
    assert told == {key for key, user in stored.items() if user.get("department")} != set()


def test_events_are_asked_for_again_when_the_question_has_changed(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.throttle(0)
    spec = bench.collector("sign_ins")
    bench.changed["sign_ins"] = before_the_upgrade(spec, "riskState")
    first = collected(bench, "sign_ins")
    del bench.changed["sign_ins"]
    row = collected(bench, "sign_ins")
    assert row.window_from is not None
    assert row.started_at - row.window_from == timedelta(days=7)
    assert row.counts.updated == first.rows
    assert all("riskState" in event for event in bench.current("sign_ins").values())
    sandbox_admin.throttle(1)


def test_the_fingerprint_is_of_the_question_and_not_of_its_pages(bench: Bench) -> None:
    spec = bench.collector("users")
    same = replace(spec, ask=replace(spec.ask, page_size=10))
    assert fingerprint(spec) == fingerprint(same)
    others = [
        replace(spec, ask=replace(spec.ask, version="beta")),
        replace(spec, ask=replace(spec.ask, path="groups/delta")),
        replace(spec, columns=spec.columns[1:]),
    ]
    assert len({fingerprint(each) for each in (spec, *others)}) == 4


@pytest.mark.parametrize("slice_seconds", [60.0, 0.0])
@pytest.mark.parametrize("struck", ["/groups/delta", "/groups/delta.*skiptoken"])
def test_links_that_go_round_end_the_run_with_that_cause(
    bench: Bench, sandbox_admin: SandboxAdmin, struck: str, slice_seconds: float
) -> None:
    bench.small_pages("groups", 10)
    bench.slice_seconds = slice_seconds
    start = first_url(bench.settings.graph_endpoint, bench.collector("groups"))
    sandbox_admin.faults({"kind": "relink", "path": struck, "value": start})
    row = collected(bench, "groups")
    assert (row.state, row.cause, row.counts.closed) == ("partial", "graph_goes_round", 0)
    assert row.counts.read <= 60, "given up after a few pages"
    sandbox_admin.clear_faults()
    row = collected(bench, "groups")
    assert (row.state, set(bench.current("groups"))) == (
        "ok",
        set(sandbox_admin.journal("groups")["objects"]),
    )


def test_events_whose_links_go_round_end_the_run_with_that_cause(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.throttle(0)
    spec = bench.collector("directory_audits")
    bench.changed["directory_audits"] = replace(spec, ask=replace(spec.ask, top=5))
    link = f"{bench.settings.graph_endpoint}/v1.0/auditLogs/directoryAudits?$top=7"
    sandbox_admin.faults({"kind": "relink", "path": "/directoryAudits", "value": link})
    row = collected(bench, "directory_audits")
    assert (row.state, row.cause) == ("partial", "graph_goes_round")
    sandbox_admin.throttle(1)


def test_a_run_without_end_is_ended(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    bench.small_pages("users", 20)
    bench.slice_seconds = 0.0
    bench.most_parts = 3
    row = collected(bench, "users")
    assert (row.state, row.cause, row.parts) == ("partial", "run_too_long", 3)
    assert row.counts.read == row.rows == 60


def a_week_passes(bench: Bench, dataset: str) -> None:
    """Let the saved place say that the last full round was a week earlier."""
    [message] = bench.messages(dataset)
    run = bench.runs.open(message, clock.now())
    assert isinstance(run, Run)
    place = dict(run.checkpoint or {})
    last = datetime.fromisoformat(str(place["fullAt"]))
    place = {**place, "fullAt": (last - timedelta(days=7)).isoformat()}
    bench.runs.finish(run, "ok", now=clock.now(), place=place)


@pytest.mark.parametrize("slice_seconds", [60.0, 0.0])
def test_what_delta_missed_is_healed_by_a_full_round_and_counted(
    bench: Bench, sandbox_admin: SandboxAdmin, slice_seconds: float
) -> None:
    bench.small_pages("groups", 25)
    first = collected(bench, "groups")
    assert first.healed is None
    gone, changed, told, *_ = sorted(bench.current("groups"))
    untold = f"delta does not say in slices of {slice_seconds}"
    sandbox_admin.faults({"kind": "no_rows", "path": "deltatoken"})
    sandbox_admin.delete("groups", gone)
    sandbox_admin.patch("groups", changed, {"description": untold})
    assert collected(bench, "groups").counts.read == 0
    sandbox_admin.clear_faults()
    row = collected(bench, "groups")
    assert (row.counts.read, row.healed) == (0, None), "delta never mentions them again"
    a_week_passes(bench, "groups")
    bench.slice_seconds = slice_seconds
    sandbox_admin.patch("groups", told, {"description": f"delta says: {untold}"})
    row = collected(bench, "groups")
    assert (row.state, row.healed) == ("ok", 2)
    assert (row.counts.closed, row.counts.updated, row.counts.inserted) == (1, 2, 0)
    assert set(bench.current("groups")) == set(sandbox_admin.journal("groups")["objects"])
    assert bench.current("groups")[changed]["description"] == untold
    row = collected(bench, "groups")
    assert (row.counts.read, row.healed) == (0, None), "the new place is good"
    sandbox_admin.restore("groups", gone)


def test_full_rounds_come_weekly_and_spread_over_the_tenants() -> None:
    week, start = timedelta(days=7), datetime(2026, 11, 2, tzinfo=UTC)
    days = [0] * 7
    for number in range(700):
        tenant = UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)
        last, rounds = start, []
        for hour in range(24 * 35):
            now = start + timedelta(hours=hour)
            if full_round_due(tenant, last, now, week):
                rounds.append(now - last)
                last = now
        assert len(rounds) in (4, 5, 6)
        assert all(week / 2 <= gap <= week for gap in rounds[:2])
        assert all(gap == week for gap in rounds[2:])
        days[(last - start).days % 7] += 1
    assert min(days) > 70, "no day has more than its share"
