"""Whatever Graph answers: the ledger says what happened, and earlier data stays."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.registry import collector
from tests.fixtures.collecting import Bench
from tests.fixtures.works import collecting

pytestmark = pytest.mark.stack

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


def test_a_read_that_breaks_off_keeps_what_it_has_and_the_next_one_starts_over(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 50)
    sandbox_admin.faults({"kind": "garbage", "path": "/users/delta", "after": 2})
    row = bench.collect("users")
    assert row is not None
    assert (row.state, row.cause) == ("partial", "graph_malformed")
    assert 50 <= len(bench.current("users")) == row.counts.inserted < 200
    sandbox_admin.clear_faults()
    row = bench.collect("users")
    assert row is not None
    assert row.state == "ok"
    assert set(bench.current("users")) == set(sandbox_admin.journal("users")["objects"])


def test_an_object_that_cannot_be_read_is_named_and_heals_when_it_changes(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.collect("groups")
    [own, other, *_] = bench.current("groups")
    sandbox_admin.patch("groups", own, {"visibility": 5})
    for _ in range(2):
        row = bench.collect("groups")
        assert row is not None
        assert (row.state, row.cause, row.counts.rejected) == ("partial", "rows_rejected", 1)
        assert row.cause_detail is not None
        assert own in row.cause_detail
        assert "visibility" in row.cause_detail
    sandbox_admin.patch("groups", other, {"description": "goes on"})
    bench.collect("groups")
    assert bench.current("groups")[other]["description"] == "goes on"
    sandbox_admin.patch("groups", own, {"visibility": "Private"})
    row = bench.collect("groups")
    assert row is not None
    assert (row.state, row.counts.rejected) == ("ok", 0)
    assert bench.current("groups")[own]["visibility"] == "Private"


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


def test_a_partial_delta_round_is_read_again(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    bench.collect("users")
    [own, *_] = bench.current("users")
    sandbox_admin.patch("users", own, {"jobTitle": "Cartographer"})
    sandbox_admin.faults({"kind": "wrong_type", "path": "/users/delta", "property": "displayName"})
    row = bench.collect("users")
    assert row is not None
    assert (row.state, row.counts.rejected) == ("partial", 1)
    assert bench.current("users")[own].get("jobTitle") != "Cartographer"
    sandbox_admin.clear_faults()
    row = bench.collect("users")
    assert row is not None
    assert (row.state, row.counts.updated) == ("ok", 1)
    assert bench.current("users")[own]["jobTitle"] == "Cartographer"


def test_a_delta_reset_reads_everything_and_closes_what_is_gone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("groups", 10)
    bench.collect("groups")
    [own, *_] = bench.current("groups")
    sandbox_admin.delete("groups", own)
    sandbox_admin.faults({"kind": "delta_reset", "path": "/groups/delta", "count": 1})
    row = bench.collect("groups")
    assert row is not None
    assert (row.state, row.counts.closed) == ("ok", 1)
    assert set(bench.current("groups")) == set(sandbox_admin.journal("groups")["objects"])
    assert own not in bench.current("groups")
    sandbox_admin.restore("groups", own)
    row = bench.collect("groups")
    assert row is not None
    assert (row.state, row.counts.inserted) == ("ok", 1)


@pytest.mark.parametrize("bad", ["mailEnabled", "id"])
def test_a_reset_round_with_a_bad_object_closes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin, bad: str
) -> None:
    bench.collect("groups")
    before = set(bench.current("groups"))
    [own, *_] = before
    sandbox_admin.delete("groups", own)
    sandbox_admin.faults(
        {"kind": "delta_reset", "path": "deltatoken", "count": 1},
        {"kind": "wrong_type", "path": "/groups/delta", "property": bad},
    )
    bench.small_pages("groups", 10)
    bench.slice_seconds = 0.0
    row = bench.collect("groups")
    assert row is not None
    assert row.parts > 1
    assert (row.state, row.counts.closed) == ("partial", 0)
    assert set(bench.current("groups")) == before
    sandbox_admin.clear_faults()
    row = bench.collect("groups")
    assert row is not None
    assert (row.state, row.counts.closed) == ("ok", 1)
    sandbox_admin.restore("groups", own)


@pytest.mark.parametrize("kind", ["replay", "duplicate_rows", "unknown_enum"])
def test_replays_duplicates_and_new_enum_members_are_ordinary(
    bench: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    bench.small_pages("users", 60)
    rule = {"kind": kind, "path": "/users/delta"}
    if kind == "unknown_enum":
        rule["property"] = "userType"
    sandbox_admin.faults(rule)
    row = bench.collect("users")
    assert row is not None
    assert (row.state, row.counts.rejected) == ("ok", 0)
    assert bench.count("users") == len(bench.current("users")) == row.counts.inserted


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


def test_a_tenant_without_the_second_plan_keeps_the_eligibilities_it_had(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    read = bench.collect("role_eligibilities")
    assert read is not None
    assert read.state == "ok"
    before = bench.current("role_eligibilities")
    sandbox_admin.tenant(premium="P1")
    try:
        row = bench.collect("role_eligibilities")
    finally:
        sandbox_admin.tenant(premium="P2")
    assert row is not None
    assert (row.state, row.cause) == ("not_licensed", "graph_not_licensed")
    assert bench.current("role_eligibilities") == before != {}
