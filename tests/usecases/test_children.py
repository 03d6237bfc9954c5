"""What befalls one parent of a fan-out keeps no other from being read, and no run from its end."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.coverage import State
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# Read whole in every test: a small tenant will do, with groups of several pages.
SANDBOX_USERS = 100

PAGE = 12
LASTING = ["reset", "cut", "gateway_timeout", "server_error", "garbage", "malformed_json"]


@pytest.fixture
def groups(bench: Bench) -> list[str]:
    """The ids of all groups, which have been read; members come in pages of `PAGE`."""
    bench.collect("groups")
    bench.pages_of_children("members", PAGE)
    return sorted(bench.current("groups"))


def to_the_end(bench: Bench, tries: int) -> LedgerRow:
    """Collect members until the run has ended, however often it is put off."""
    for _ in range(tries):
        row = bench.collect("members")
        if row is not None:
            return row
    raise AssertionError(f"the run has not ended after {tries} tries")


def long_groups(edges: set[str], pages: int = 1) -> list[str]:
    """Groups with more than so many pages of members."""
    owners = [edge.split("/")[0] for edge in edges]
    return sorted({group for group in owners if owners.count(group) > pages * PAGE})


@pytest.mark.parametrize("kind", [*LASTING, "expired_token", "missing_permission", "not_found"])
def test_a_link_that_always_fails_keeps_its_own_group_only(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], kind: str
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    bad = long_groups(truth)[0]
    sandbox_admin.faults({"kind": kind, "path": f"/groups/{bad}/members.*skiptoken"})
    row = to_the_end(bench, 2)
    assert (row.state, row.cause) == ("partial", "children_refused")
    assert row.cause_detail is not None
    assert "1 objects of groups" in row.cause_detail
    others = {edge for edge in truth if not edge.startswith(bad)}
    stored = set(bench.current("members"))
    assert others <= stored
    assert {edge for edge in stored if edge.startswith(bad)} < truth - others, "its first page"
    sandbox_admin.clear_faults()
    assert to_the_end(bench, 1).state == "ok"
    assert set(bench.current("members")) == truth


@pytest.mark.parametrize("slice_seconds", [0.0, 60.0])
def test_links_that_go_round_below_one_group_keep_that_group_only(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], slice_seconds: float
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    bad = long_groups(truth, pages=2)[0]  # the first comes in a batch, and the last has no link
    link = f"{bench.settings.graph_endpoint}/v1.0/groups/{bad}/members?$top={PAGE}"
    path = f"/groups/{bad}/members"
    sandbox_admin.faults({"kind": "relink", "path": path, "value": link})
    bench.slice_seconds = slice_seconds
    row = to_the_end(bench, 1)
    assert (row.state, row.cause) == ("partial", "children_refused")
    assert row.cause_detail is not None
    assert "1 objects of groups" in row.cause_detail
    assert {edge for edge in truth if not edge.startswith(bad)} <= set(bench.current("members"))


@pytest.mark.parametrize("wait", [1, 300])
def test_a_link_that_is_always_throttled_puts_the_run_off_and_then_ends_it(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], wait: int
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    bad = long_groups(truth)[0]
    path = f"/groups/{bad}/members.*skiptoken"
    sandbox_admin.faults({"kind": "throttle", "path": path, "retry_after": wait})
    assert bench.collect("members") is None
    row = to_the_end(bench, 3)
    assert (row.state, row.cause) == ("partial", "children_refused")
    assert {edge for edge in truth if not edge.startswith(bad)} <= set(bench.current("members"))


@pytest.mark.parametrize("kind", ["server_error", "throttle"])
def test_a_group_whose_answer_is_always_a_trouble_is_left_out(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], kind: str
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    bad = long_groups(truth)[:7]
    path = f"/groups/({'|'.join(bad)})/members"
    sandbox_admin.faults({"kind": kind, "path": path, "retry_after": 300})
    row = to_the_end(bench, 8)
    assert (row.state, row.cause) == ("partial", "children_refused")
    assert row.cause_detail is not None
    assert "7 objects of groups" in row.cause_detail
    others = {edge for edge in truth if edge.split("/")[0] not in bad}
    assert set(bench.current("members")) == others


def test_a_trouble_that_passes_costs_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    bad = long_groups(truth)[0]
    path = f"/groups/{bad}/members.*skiptoken"
    sandbox_admin.faults({"kind": "gateway_timeout", "path": path, "count": 4})
    row = to_the_end(bench, 1)
    assert (row.state, row.cause) == ("ok", None)
    assert set(bench.current("members")) == truth


def test_a_group_of_many_pages_goes_on_by_messages(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    bench.slice_seconds = 0.0
    row = to_the_end(bench, 1)
    truth = set(sandbox_admin.journal("members")["objects"])
    assert (row.state, row.counts.inserted) == ("ok", len(truth)), "no page was read twice"
    assert row.counts.read == len(truth)
    assert row.parts > len(groups) / 20 + 1
    assert set(bench.current("members")) == truth


@pytest.mark.parametrize("kind", ["malformed_json", "garbage"])
@pytest.mark.parametrize("dataset", ["members", "mailbox_usage"])
def test_a_cut_body_is_asked_for_again(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], dataset: str, kind: str
) -> None:
    path = {"members": "/\\$batch", "mailbox_usage": "/admin/reportSettings"}[dataset]
    sandbox_admin.faults({"kind": kind, "path": path, "count": 2})
    row = bench.collect(dataset)
    assert row is not None
    assert (row.state, row.cause) == ("ok", None)
    sandbox_admin.faults({"kind": kind, "path": path})
    row = bench.collect(dataset)
    assert row is not None
    assert row.cause == "graph_malformed"
    assert row.counts.closed == 0


def test_groups_that_all_do_not_exist_are_not_believed(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    assert to_the_end(bench, 1).state == "ok"
    before = bench.current("members")
    complete_at = _complete_at(bench)
    sandbox_admin.faults({"kind": "not_found", "path": "/members"})
    row = to_the_end(bench, 1)
    expected: State = "partial"
    assert (row.state, row.cause, row.counts.closed) == (expected, "children_gone", 0)
    assert row.complete_at is None
    assert _complete_at(bench) == complete_at
    assert bench.current("members") == before
    sandbox_admin.clear_faults()
    assert to_the_end(bench, 1).state == "ok"


def test_one_group_that_is_gone_meanwhile_is_ordinary(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    sandbox_admin.faults({"kind": "not_found", "path": f"/groups/{groups[0]}/members"})
    row = to_the_end(bench, 1)
    assert (row.state, row.cause) == ("ok", None)


def test_a_page_read_again_is_no_progress(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    sandbox_admin.faults({"kind": "reset", "path": "/\\$batch", "after": 1})
    bench.give_up_after = bench.keep_place_for = timedelta(0)
    assert bench.collect("members") is None, "one batch is progress"
    row = bench.collect("members")
    assert row is not None
    assert (row.state, row.cause) == ("partial", "graph_unreachable")


def _complete_at(bench: Bench) -> object:
    lines = bench.runs.status(bench.tenant_id, clock.now())
    return next(line.complete_at for line in lines if line.dataset == "members")


@pytest.mark.parametrize("reset", [False, True])
def test_members_end_with_their_group(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str], *, reset: bool
) -> None:
    assert to_the_end(bench, 1).state == "ok"
    edges = bench.current("members")
    gone = long_groups(set(edges))[0]
    rows_before = _rows(bench)
    sandbox_admin.delete("groups", gone)
    if reset:
        sandbox_admin.faults({"kind": "delta_reset", "path": "/groups/delta", "count": 1})
    try:
        row = bench.collect("groups")
        assert row is not None
        assert (row.state, row.counts.closed) == ("ok", 1)
        left = {edge for edge in edges if not edge.startswith(gone)}
        assert set(bench.current("members")) == left, "without another read of the members"
        assert _rows(bench) == rows_before - (len(edges) - len(left))
        told = to_the_end(bench, 1)
        ended = len(edges) - len(bench.current("members"))  # the group was a member itself, perhaps
        assert told.counts.closed == ended, "the next run tells of them"
        assert to_the_end(bench, 1).counts.closed == 0
    finally:
        sandbox_admin.clear_faults()
        sandbox_admin.restore("groups", gone)


def test_members_read_while_their_group_goes_are_not_current(
    bench: Bench, sandbox_admin: SandboxAdmin, groups: list[str]
) -> None:
    truth = set(sandbox_admin.journal("members")["objects"])
    gone = long_groups(truth)[0]
    bench.slice_seconds = 0.0
    [message] = bench.messages("members")
    more = bench.work(message)
    while more is not None and not any(edge.startswith(gone) for edge in bench.current("members")):
        more = bench.work(more)
    assert more is not None, "the group is half read"
    sandbox_admin.delete("groups", gone)
    try:
        bench.collect("groups")
        while more is not None:
            assert not any(edge.startswith(gone) for edge in bench.current("members"))
            more = bench.work(more)
        assert not any(edge.startswith(gone) for edge in bench.current("members"))
    finally:
        sandbox_admin.restore("groups", gone)


def _rows(bench: Bench) -> int:
    lines = bench.runs.status(bench.tenant_id, clock.now())
    return next(line.rows for line in lines if line.dataset == "members")
