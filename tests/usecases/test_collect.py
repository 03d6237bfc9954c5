"""Reading modes end to end: what Graph has is what the database has, and nothing twice."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.registry import collector
from shared.store.work.run_records import Counts
from tests.fixtures.collecting import Bench
from tests.fixtures.in_order import MOVING, parents_first
from tests.fixtures.sandbox import live_until
from tests.fixtures.works import collecting

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def journal(admin: SandboxAdmin, dataset: str) -> dict[str, dict[str, object]]:
    """What the API would answer now for the collector's `$select`, by id."""
    spec = collector(dataset)
    select = spec.select if spec.extent.tells_changes else None
    objects = admin.journal(dataset, select=select)["objects"]
    return {own: without_nulls(item) for own, item in objects.items()}


def without_nulls(item: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in item.items() if value is not None}


def test_every_dataset_is_collected_and_a_second_run_writes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(auditQuerySeconds=0, snapshotSeconds=0)
    sandbox_admin.throttle(0)
    everything = parents_first()
    for dataset in everything:
        # A run that waits for a job, or for its share of the drives, is gone on with.
        row = next(filter(None, (bench.collect(dataset) for _ in range(20))), None)
        assert row is not None, dataset
        assert (row.state, row.cause, row.counts.rejected) == ("ok", None, 0), (
            dataset,
            row.cause_detail,
        )
        assert row.counts.inserted == bench.count(dataset) > 0, dataset
        # What is asked for day by day is as large as its newest day.
        sizes = {row.counts.inserted, bench.count(dataset, day=row.report_date)}
        assert row.rows in sizes, dataset
    stored = {dataset: bench.count(dataset) for dataset in everything}
    for dataset in sorted(set(everything) - MOVING):
        row = next(filter(None, (bench.collect(dataset) for _ in range(20))), None)
        assert row is not None, dataset
        counts = row.counts
        assert row.state == "ok", dataset
        assert (counts.inserted, counts.updated, counts.closed) == (0, 0, 0), dataset
    sandbox_admin.tenant(auditQuerySeconds=2, snapshotSeconds=2)
    sandbox_admin.throttle(1)
    assert {dataset: bench.count(dataset) for dataset in everything} == stored


def test_users_follow_the_tenant_through_its_life(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 50)
    for steps in (0, 15, 15):
        if steps:
            sandbox_admin.life(steps)
        for dataset in ("users", "groups"):
            row = bench.collect(dataset)
            assert row is not None
            assert row.state == "ok"
            known = {k: without_nulls(v) for k, v in bench.current(dataset).items()}
            assert known == journal(sandbox_admin, dataset)


def test_members_follow_their_groups(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    bench.collect("groups")
    assert bench.collect("members") is not None
    edges = set(bench.current("members"))
    assert len(edges) > 200
    group, member = next(iter(sorted(edges))).split("/")
    sandbox_admin.member(group, member, present=False)
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.counts.closed, row.counts.inserted) == ("ok", 1, 0)
    assert set(bench.current("members")) == edges - {f"{group}/{member}"}
    sandbox_admin.delete("groups", group)
    bench.collect("groups")
    row = bench.collect("members")
    assert row is not None
    assert row.state == "ok"
    assert not [edge for edge in bench.current("members") if edge.startswith(group)]
    sandbox_admin.restore("groups", group)


def test_members_without_groups_say_so(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.faults({"kind": "missing_permission", "path": "/groups/delta"})
    bench.collect("groups")
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.cause) == ("not_permitted", "parent_not_collected")
    sandbox_admin.faults({"kind": "garbage", "path": "/groups/delta"})
    assert bench.collect("groups").state == "failed"  # type: ignore[union-attr]
    [at_once] = [claim for claim in bench.sent_on if claim.subject == "members"]
    assert bench.work(at_once) is None
    [row] = bench.runs.ledger(bench.tenant_id, "members", limit=1)
    assert (row.state, row.cause) == ("failed", "parent_not_collected")
    sandbox_admin.clear_faults()
    bench.sent_on.clear()
    bench.collect("groups")
    [at_once] = [claim for claim in bench.sent_on if claim.subject == "members"]
    assert bench.work(at_once) is None
    [row] = bench.runs.ledger(bench.tenant_id, "members", limit=1)
    assert row.state == "ok"


def test_a_long_collection_goes_on_by_messages(bench: Bench) -> None:
    bench.small_pages("users", 40)
    bench.slice_seconds = 0.0
    row = bench.collect("users")
    assert row is not None
    assert row.parts >= 4
    assert row.state == "ok"
    assert len(bench.current("users")) == row.counts.inserted == row.rows


def test_a_second_delivery_of_a_finished_message_does_nothing(bench: Bench) -> None:
    [message] = bench.messages("domains")
    assert bench.work(message) is None
    assert bench.work(message) is None
    assert len(bench.runs.ledger(bench.tenant_id, "domains")) == 1


def test_sign_ins_move_their_watermark_and_store_nothing_twice(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = bench.collect("sign_ins")
    assert first is not None
    assert first.window_from is not None
    assert first.window_to is not None
    assert first.window_to - first.window_from > timedelta(days=5)
    second = bench.collect("sign_ins")
    assert second is not None
    assert second.window_from == first.window_to - timedelta(hours=1)
    assert second.counts.inserted == 0
    inserted = [first.counts.inserted]

    def somebody_signed_in(_kinds: set[str]) -> bool:
        row = bench.collect("sign_ins")
        assert row is not None
        inserted.append(row.counts.inserted)
        return inserted[-1] > 0

    live_until(sandbox_admin, somebody_signed_in)
    assert bench.count("sign_ins") == sum(inserted)


def test_a_deferred_budget_puts_the_run_off_and_the_timer_brings_it_back(bench: Bench) -> None:
    assert hasattr(bench.purse, "wait")
    bench.purse.wait = -120.0
    assert bench.collect("domains") is None
    [status] = [
        s for s in bench.runs.status(bench.tenant_id, clock.now()) if s.dataset == "domains"
    ]
    assert (status.state, status.cause) == ("throttled", "graph_budget")
    every = {"domains": collector("domains").every}
    assert bench.runs.claim_due(clock.now() + timedelta(seconds=100), collecting(every)) == []
    [claim] = bench.runs.claim_due(clock.now() + timedelta(seconds=125), collecting(every))
    assert claim.part == 1
    bench.purse.wait = 0.0
    assert bench.messages("domains") == [], "its message is on its way"
    bench.work(claim)
    [row] = bench.runs.ledger(bench.tenant_id, "domains")
    assert (row.run_id, row.state) == (claim.run_id, "ok")
    assert row.counts == Counts(read=2, inserted=2)


def test_a_group_of_several_pages_is_closed_for_what_none_of_them_holds(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.pages_of_children("members", 10)
    bench.collect("groups")
    row = bench.collect("members")
    assert row is not None
    assert row.state == "ok"
    edges = set(bench.current("members"))
    assert edges == set(sandbox_admin.journal("members")["objects"])
    sizes: dict[str, list[str]] = {}
    for edge in sorted(edges):
        sizes.setdefault(edge.split("/")[0], []).append(edge)
    longest = max(sizes.values(), key=len)
    assert len(longest) > 20
    group, member = longest[15].split("/")
    sandbox_admin.member(group, member, present=False)
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.counts.closed, row.counts.inserted) == ("ok", 1, 0)
    assert set(bench.current("members")) == edges - {longest[15]}
    sandbox_admin.member(group, member, present=True)


def test_a_run_cut_off_in_the_middle_goes_on_where_it_was(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 40)
    sandbox_admin.faults({"kind": "slow", "path": "/users/delta", "seconds": 0.3})
    [message] = bench.messages("users")

    def stored() -> int:
        [line] = bench.runs.status(bench.tenant_id, clock.now())
        return line.progress.read if line.progress else 0

    bench.work_until(message, lambda: stored() >= 80)
    kept = stored()
    assert 80 <= kept < 200
    assert bench.runs.ledger(bench.tenant_id, "users") == []
    sandbox_admin.clear_faults()
    assert bench.work(message) is None
    [row] = bench.runs.ledger(bench.tenant_id, "users")
    users = set(sandbox_admin.journal("users")["objects"])
    assert (row.state, row.counts.closed) == ("ok", 0)
    assert row.counts.inserted == bench.count("users") == len(users)
    assert row.counts.read < len(users) + kept, "what was stored is not read again"
    assert set(bench.current("users")) == users
