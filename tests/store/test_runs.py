"""Runs: claimed when due, opened once, taken up again, put off, recorded."""

from copy import replace
from datetime import timedelta

import pytest
from sqlalchemy.event import listen, remove

from shared.core.coverage import Standing, State
from shared.core.errors import Conflict, GraphUnavailable, NotFound, Superseded
from shared.core.messages import Claim
from shared.store.registers.purge import purge_steps
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from tests.fixtures.works import collecting
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

EVERY = {"people": timedelta(minutes=60), "teams": timedelta(minutes=30)}
PEOPLE = {"people": EVERY["people"]}


def opened(tenant: TenantData, claim: Claim, at: float) -> Run:
    run = tenant.runs.open(claim, minute(at))
    assert isinstance(run, Run)
    return run


def test_each_dataset_is_claimed_when_its_interval_has_passed(tenant: TenantData) -> None:
    first = tenant.runs.claim_due(minute(0), collecting(EVERY))
    assert [(claim.subject, claim.part, claim.trigger) for claim in first] == [
        ("people", 0, "schedule"),
        ("teams", 0, "schedule"),
    ]
    assert tenant.runs.claim_due(minute(1), collecting(EVERY)) == []
    for claim in first:
        tenant.runs.finish(opened(tenant, claim, 2), "ok", now=minute(3))
    assert tenant.runs.claim_due(minute(31.9), collecting(EVERY)) == []
    assert [claim.subject for claim in tenant.runs.claim_due(minute(32), collecting(EVERY))] == [
        "teams"
    ]
    assert [claim.subject for claim in tenant.runs.claim_due(minute(62), collecting(EVERY))] == [
        "teams",  # its message got lost: claimed again
        "people",
    ]


def test_a_lost_message_is_claimed_again_as_the_same_run(tenant: TenantData) -> None:
    (lost,) = tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    (again,) = tenant.runs.claim_due(minute(15), collecting(PEOPLE))
    assert again == lost
    opened(tenant, again, 16)
    # Should the first copy turn up after all, the run's second opening is the one that counts.
    assert isinstance(tenant.runs.open(lost, minute(16)), Run)


def test_an_orphaned_run_goes_on_as_its_next_part(tenant: TenantData) -> None:
    (claim,) = tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    run = opened(tenant, claim, 0)
    (orphan,) = tenant.runs.claim_due(minute(2), collecting(PEOPLE))
    assert orphan == claim.model_copy(update={"part": 1})
    assert tenant.runs.open(claim, minute(2)) == "stale"
    with pytest.raises(Superseded):
        tenant.runs.finish(opened(tenant, orphan, 2) and run, "ok", now=minute(2))


def test_the_same_message_goes_on_from_the_checkpoint(tenant: TenantData) -> None:
    (claim,) = tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    run = opened(tenant, claim, 0)
    tenant.loader("people").apply(
        run, page("people", [{"id": "a"}]), observed_at=minute(0), checkpoint={"next": "x"}
    )
    again = opened(tenant, claim, 1)
    assert (again.checkpoint, again.continues, again.counts.inserted) == ({"next": "x"}, True, 1)
    assert again.started_at == minute(0)


def test_messages_that_need_nothing_are_named(tenant: TenantData) -> None:
    runs, tenant_id = tenant.runs, tenant.tenant_id
    (claim,) = runs.request(tenant_id, ["people"], minute(0))
    run = opened(tenant, claim, 0)
    assert runs.open(tenant.message("people"), minute(1)) == "busy"
    assert runs.request(tenant_id, ["people"], minute(1)) == []
    runs.finish(run, "ok", now=minute(1))
    assert runs.open(claim, minute(2)) == "duplicate"
    unknown = claim.model_copy(update={"tenant_id": claim.run_id})
    assert runs.open(unknown, minute(2)) == "unknown_tenant"
    tenants = Tenants(tenant.engine)
    tenants.set_state(tenant_id, "paused")
    assert runs.open(tenant.message("people"), minute(2)) == "paused"
    assert runs.claim_due(minute(99), collecting(EVERY)) == []
    with pytest.raises(Conflict):
        runs.request(tenant_id, ["people"], minute(2))
    tenants.set_state(tenant_id, "removed")
    assert runs.open(tenant.message("people"), minute(2)) == "removed"
    with pytest.raises(NotFound):
        runs.request(tenant_id, ["people"], minute(2))


def test_a_deferred_run_goes_on_when_its_time_has_come(tenant: TenantData) -> None:
    (claim,) = tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    run = opened(tenant, claim, 0)
    tenant.runs.defer(run, minute(20), "graph_throttled")
    (status,) = tenant.runs.status(tenant.tenant_id, minute(1))
    assert (status.state, status.running, status.next_due) == ("throttled", False, minute(20))
    (coverage,) = tenant.standing("people").coverage
    assert (coverage.state, coverage.cause) == ("throttled", "graph_throttled")
    due = PEOPLE
    assert tenant.runs.claim_due(minute(19), collecting(due)) == []
    assert tenant.runs.claim_due(minute(20), collecting(due)) == [
        claim.model_copy(update={"part": 1})
    ]


def test_a_handed_over_run_goes_on_at_once(tenant: TenantData) -> None:
    (claim,) = tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    following = tenant.runs.hand_over(opened(tenant, claim, 0), minute(1))
    assert following == claim.model_copy(update={"part": 1})
    assert tenant.runs.open(claim, minute(1)) == "stale"
    run = opened(tenant, following, 1)
    tenant.runs.finish(run, "ok", now=minute(2))
    (row,) = tenant.runs.ledger(tenant.tenant_id)
    assert (row.parts, row.started_at, row.finished_at) == (2, minute(0), minute(2))


def test_the_checkpoint_of_a_good_run_is_where_the_next_one_starts(tenant: TenantData) -> None:
    def run_with(checkpoint: dict[str, object], state: State) -> None:
        run = tenant.open("people")
        tenant.loader("people").apply(
            run, page("people", []), observed_at=minute(0), checkpoint=checkpoint
        )
        tenant.runs.finish(run, state, now=minute(0))

    run_with({"deltaLink": "1"}, "ok")
    run_with({"nextLink": "2"}, "partial")
    run_with({"nextLink": "3"}, "failed")
    assert tenant.open("people", minute(9)).checkpoint == {"deltaLink": "1"}


def test_the_ledger_tells_how_runs_ended_and_coverage_what_was_known(tenant: TenantData) -> None:
    tenant.load("people", page("people", [{"id": "a"}]), minute(0))
    run = tenant.open("people", minute(10))
    cause = GraphUnavailable("tenant_unknown", value="x")
    window = (minute(1), minute(2))
    tenant.runs.finish(
        run, "failed", now=minute(11), cause=cause, next_due=minute(15), window=window
    )
    failed, good = tenant.runs.ledger(tenant.tenant_id)
    assert (failed.state, failed.cause, failed.rows) == ("failed", "tenant_unknown", 1)
    assert failed.cause_detail == cause.message()
    assert (failed.window_from, failed.window_to) == window
    assert (good.state, good.complete_at, good.counts.inserted) == ("ok", minute(0), 1)
    assert tenant.runs.ledger(tenant.tenant_id, before=(minute(11), failed.run_id)) == [good]
    assert tenant.runs.ledger(tenant.tenant_id, subject="teams") == []
    assert tenant.runs.claim_due(minute(14), collecting(PEOPLE)) == []
    assert len(tenant.runs.claim_due(minute(15), collecting(PEOPLE))) == 1

    def known(at: float | None) -> tuple[object, ...]:
        as_of = None if at is None else minute(at)
        (item,) = tenant.standing("people", as_of=as_of).coverage
        return item.state, item.finished_at, item.complete_at, item.rows, item.cause

    assert known(-1) == ("never", None, None, None, None)
    assert known(5) == ("ok", minute(0), minute(0), 1, None)
    after = ("failed", minute(11), minute(0), 1, "tenant_unknown")
    assert known(11) == known(None) == after
    assert tenant.standing("people", "teams").first_collected_at == minute(0)
    assert tenant.standing("teams").first_collected_at is None


def test_runs_that_ended_at_the_same_instant_are_all_told(tenant: TenantData) -> None:
    for dataset in ("people", "teams"):
        (claim,) = tenant.runs.request(tenant.tenant_id, [dataset], minute(0))
        tenant.runs.finish(opened(tenant, claim, 0), "ok", now=minute(1))
    (first,) = tenant.runs.ledger(tenant.tenant_id, limit=1)
    (second,) = tenant.runs.ledger(tenant.tenant_id, before=(first.finished_at, first.run_id))
    assert {first.dataset, second.dataset} == {"people", "teams"}


def test_the_standing_follows_data_and_coverage_only(tenant: TenantData) -> None:
    def standing() -> Standing:
        now = tenant.standing("people", "teams")
        progress.append(now.coverage[0].reading)
        return replace(now, coverage=tuple(replace(c, reading=None) for c in now.coverage))

    progress: list[int | None] = []  # how far a first read is, which an answer tells too
    tenant.runs.request(tenant.tenant_id, ["people"], minute(0))
    empty = standing()
    run = tenant.open("people")
    assert standing() == empty
    loader = tenant.loader("people")
    loader.apply(run, page("people", [{"id": "a"}]), observed_at=minute(0), checkpoint=None)
    loaded = standing()
    assert loaded != empty
    loader.apply(run, page("people", [{"id": "a"}]), observed_at=minute(0), checkpoint=None)
    assert standing() == loaded
    tenant.runs.finish(run, "ok", now=minute(1))
    assert standing() != loaded
    assert progress == [None, 0, 1, 2, None]


def test_a_new_run_takes_the_place_of_one_that_died(tenant: TenantData) -> None:
    dead = tenant.open("people", minute(0))
    assert isinstance(tenant.runs.open(tenant.message("people"), minute(5)), Run)
    (row,) = tenant.runs.ledger(tenant.tenant_id)
    assert (row.run_id, row.state, row.cause) == (dead.run_id, "failed", "run_abandoned")


def test_a_tenant_that_is_connected_again_while_it_is_purged_loses_no_new_row(
    tenant: TenantData,
) -> None:
    """Rows that vanish under a run that was good would be missed by nobody."""
    tenants = Tenants(tenant.engine)
    told: list[object] = []
    tenant.load("people", page("people", [{"id": "old"}]))
    tenants.set_state(tenant.tenant_id, "removed")

    def connect_again(session: object, _: object) -> None:
        """After the first transaction of the purge, before it deletes any row of a dataset."""
        if not told:
            told.append(session)
            tenants.add(tenant.tenant_id, "Contoso")
            tenant.load("people", page("people", [{"id": "new"}]), minute(5))

    listen(tenant.engine, "checkin", connect_again)
    try:
        with pytest.raises(Conflict):
            list(purge_steps(tenant.engine, tenant.tenant_id))
    finally:
        remove(tenant.engine, "checkin", connect_again)
    assert "new" in tenant.loader("people").current_ids(tenant.tenant_id, None, 9)


def test_purge_needs_a_removed_tenant_and_leaves_the_others(tenant: TenantData) -> None:
    other = TenantData(tenant.engine, "Fabrikam")
    for each in (tenant, other):
        each.load("people", page("people", [{"id": "a"}]))
    tenants = Tenants(tenant.engine)
    with pytest.raises(Conflict):
        list(purge_steps(tenant.engine, tenant.tenant_id))
    tenants.set_state(tenant.tenant_id, "removed")
    list(purge_steps(tenant.engine, tenant.tenant_id))
    assert tenant.loader("people").current_ids(tenant.tenant_id, None, 9) == []
    assert tenant.runs.ledger(tenant.tenant_id) == []
    assert other.loader("people").current_ids(other.tenant_id, None, 9) == ["a"]
    assert [item.display_name for item in tenants.all()] == ["Fabrikam"]
    assert len(tenants.all(include_removed=True)) == 2
    assert tenants.add(tenant.tenant_id, "Contoso 2").state == "active"
