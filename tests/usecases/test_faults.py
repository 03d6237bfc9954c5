"""Whatever Graph answers: the ledger says what happened, and earlier data stays."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.registry import collector
from tests.fixtures.collecting import Bench
from tests.fixtures.works import collecting

pytestmark = pytest.mark.stack

# Read whole in every test: a small tenant will do.
SANDBOX_USERS = 60

LIST, LIST_PATH = "sign_in_activity", "/users\\?"


@pytest.fixture
def listed(bench: Bench) -> Bench:
    """A bench whose list of sign-in activity was read well once."""
    row = bench.collect(LIST)
    assert row is not None
    assert row.state == "ok"
    return bench


@pytest.mark.parametrize(
    ("fault", "state", "cause"),
    [
        ({"kind": "malformed_json"}, "failed", "graph_malformed"),
        ({"kind": "garbage"}, "failed", "graph_malformed"),
        ({"kind": "missing_licence"}, "not_licensed", "graph_not_licensed"),
        ({"kind": "missing_permission"}, "not_permitted", "graph_not_permitted"),
        ({"kind": "expired_token"}, "not_permitted", "graph_unauthorized"),
        (
            {"kind": "wrong_type", "property": "signInActivity", "value": "today"},
            "partial",
            "rows_rejected",
        ),
        ({"kind": "wrong_type", "property": "id", "value": 5}, "partial", "rows_rejected"),
        ({"kind": "malformed_json", "count": 2}, "ok", None),
        ({"kind": "garbage", "count": 1}, "ok", None),
        ({"kind": "throttle_silent", "count": 2}, "ok", None),
        ({"kind": "throttle", "count": 1}, "ok", None),
        ({"kind": "unavailable", "count": 1, "retry_after": 0}, "ok", None),
        ({"kind": "reset", "count": 2}, "ok", None),
        ({"kind": "cut", "count": 2}, "ok", None),
        ({"kind": "duplicate_rows"}, "ok", None),
        ({"kind": "empty_page", "count": 1}, "ok", None),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
def test_a_faulty_full_read_closes_nothing(
    listed: Bench,
    sandbox_admin: SandboxAdmin,
    fault: dict[str, object],
    state: str,
    cause: str | None,
) -> None:
    before = listed.current(LIST)
    sandbox_admin.faults({"path": LIST_PATH, **fault})
    row = listed.collect(LIST)
    assert row is not None
    assert (row.state, row.cause) == (state, cause)
    assert row.counts.closed == 0
    assert listed.current(LIST) == before
    assert listed.count(LIST) == len(before)
    if cause is not None:
        assert row.cause_detail
    sandbox_admin.clear_faults()
    after = listed.collect(LIST)
    assert after is not None
    assert after.state == "ok"


@pytest.mark.parametrize("kind", ["cut", "reset", "gateway_timeout", "server_error"])
def test_lasting_trouble_puts_the_run_off_and_at_last_fails_it(
    listed: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    before = listed.current(LIST)
    sandbox_admin.faults({"kind": kind, "path": LIST_PATH})
    assert listed.collect(LIST) is None
    now = clock.now()
    [status] = [s for s in listed.runs.status(listed.tenant_id, now) if s.dataset == LIST]
    assert status.state == "throttled"
    assert status.next_due is not None
    assert timedelta(seconds=30) < status.next_due - now <= timedelta(seconds=60)
    listed.give_up_after = timedelta(0)
    row = listed.collect(LIST)
    assert row is not None
    assert (row.state, row.counts.closed) == ("failed", 0)
    assert listed.current(LIST) == before


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
def test_a_long_retry_after_puts_the_run_off_until_then(
    listed: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    sandbox_admin.faults({"kind": kind, "path": LIST_PATH, "retry_after": 300})
    assert listed.collect(LIST) is None
    every = {LIST: collector(LIST).every}
    assert listed.runs.claim_due(clock.now() + timedelta(seconds=290), collecting(every)) == []
    assert len(listed.runs.claim_due(clock.now() + timedelta(seconds=301), collecting(every))) == 1


def test_an_event_that_cannot_be_read_is_asked_for_again_for_a_day_only(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    fault = {"kind": "wrong_type", "path": "/directoryAudits", "property": "category", "value": 5}
    sandbox_admin.faults(fault)
    first = bench.collect("directory_audits")
    assert first is not None
    assert (first.state, first.cause) == ("partial", "rows_rejected")
    second = bench.collect("directory_audits")
    assert second is not None
    assert first.window_to is not None
    assert second.window_from == first.window_to - timedelta(hours=1), "seven days were enough"
    third = bench.collect("directory_audits")
    assert third is not None
    assert (second.state, third.state) == ("partial", "partial")
    assert third.window_from == second.window_from, "it may heal within a day"


def test_concealed_names_are_not_stored_over_real_ones(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    good = bench.collect("mailbox_usage")
    assert good is not None
    assert good.state == "ok"
    sandbox_admin.faults({"kind": "concealed_names"})
    row = bench.collect("mailbox_usage")
    assert row is not None
    assert (row.state, row.cause, row.counts.read) == ("partial", "names_concealed", 0)
    assert bench.count("mailbox_usage") == good.counts.inserted


def test_a_download_that_fails_is_put_off_and_keeps_the_last_report(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    good = bench.collect("onedrive_usage")
    assert good is not None
    sandbox_admin.faults({"kind": "broken_redirect", "path": "OneDriveUsage"})
    assert bench.collect("onedrive_usage") is None
    assert bench.count("onedrive_usage") == good.counts.inserted
    sandbox_admin.clear_faults()
    row = bench.collect("onedrive_usage")
    assert row is not None
    assert (row.state, row.counts.unchanged) == ("ok", good.counts.inserted)


def test_a_throttled_item_of_a_batch_is_asked_for_again_alone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.collect("groups")
    sandbox_admin.faults({"kind": "throttle", "path": "/members", "probability": 0.3, "count": 5})
    row = bench.collect("members")
    assert row is not None
    assert row.state == "ok"
    assert set(bench.current("members")) == set(sandbox_admin.journal("members")["objects"])


def test_a_refused_parent_does_not_keep_the_others_from_being_read(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.collect("groups")
    bench.collect("members")
    edges = set(bench.current("members"))
    groups = sorted({edge.split("/")[0] for edge in edges})
    hidden, last = groups[1], groups[-1]
    [gone] = [edge for edge in edges if edge.startswith(last)][:1]
    sandbox_admin.member(*gone.split("/"), present=False)
    sandbox_admin.faults({"kind": "missing_permission", "path": f"/groups/{hidden}/members"})
    bench.slice_seconds = 0.0
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.cause, row.counts.closed) == ("partial", "children_refused", 1)
    assert row.parts > 1
    assert row.cause_detail is not None
    assert "1 objects of groups" in row.cause_detail
    assert set(bench.current("members")) == edges - {gone}, "what was known of the hidden one stays"
    sandbox_admin.member(*gone.split("/"), present=True)


def test_a_refusal_of_every_item_closes_nothing(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    bench.collect("groups")
    bench.collect("members")
    before = set(bench.current("members"))
    sandbox_admin.faults({"kind": "missing_permission", "path": "/members"})
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.counts.closed) == ("not_permitted", 0)
    assert set(bench.current("members")) == before


@pytest.mark.parametrize("dataset", ["role_eligibilities", "role_activations"])
def test_a_tenant_without_the_second_plan_keeps_the_roles_it_had(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    read = bench.collect(dataset)
    assert read is not None
    assert read.state == "ok"
    before = bench.current(dataset)
    sandbox_admin.tenant(premium="P1")
    try:
        row = bench.collect(dataset)
    finally:
        sandbox_admin.tenant(premium="P2")
    assert row is not None
    assert (row.state, row.cause) == ("not_licensed", "graph_not_licensed")
    assert bench.current(dataset) == before != {}
