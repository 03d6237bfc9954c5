"""Where a read goes on: saved links, resets, watermarks, and waiting for the parents' dataset."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.store.work.run_records import LedgerRow, Run
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

FOREIGN = "https://graph.example.org/v1.0/groups/delta?$deltatoken=x"


def collected(bench: Bench, dataset: str) -> LedgerRow:
    row = bench.collect(dataset)
    assert row is not None
    return row


def test_a_link_to_another_host_is_neither_followed_nor_kept(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "groups")
    before = bench.current("groups")
    sandbox_admin.faults({"kind": "relink", "path": "/groups/delta", "value": FOREIGN})
    row = collected(bench, "groups")
    assert (row.state, row.cause, row.counts.closed) == ("failed", "graph_link_foreign", 0)
    assert bench.current("groups") == before
    sandbox_admin.clear_faults()
    row = collected(bench, "groups")
    assert (row.state, row.counts.read) == ("ok", 0), "the saved place is still good"


@pytest.mark.parametrize("link", ["https://[", "graph", "", "//graph.example.org/x"])
def test_a_link_that_is_none_fails_the_run_and_not_the_worker(
    bench: Bench, sandbox_admin: SandboxAdmin, link: str
) -> None:
    bench.small_pages("groups", 10)
    sandbox_admin.faults({"kind": "relink", "path": "/groups/delta", "value": link})
    row = collected(bench, "groups")
    assert (row.state, row.cause) == ("failed", "graph_link_foreign")


def test_a_round_without_a_delta_link_is_not_complete(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "groups")
    [own, *_] = bench.current("groups")
    sandbox_admin.patch("groups", own, {"description": "renamed"})
    sandbox_admin.faults({"kind": "relink", "path": "/groups/delta"})
    row = collected(bench, "groups")
    assert (row.state, row.cause) == ("failed", "graph_malformed")
    sandbox_admin.clear_faults()
    row = collected(bench, "groups")
    assert (row.state, row.counts.updated) == ("ok", 1), "the change is told again"


def test_a_place_in_another_cloud_is_given_up_and_everything_read_again(bench: Bench) -> None:
    first = collected(bench, "groups")
    [message] = bench.messages("groups")
    run = bench.runs.open(message, clock.now())
    assert isinstance(run, Run)
    place = {**(run.checkpoint or {}), "deltaLink": FOREIGN}
    bench.runs.finish(run, "ok", now=clock.now(), place=place)
    row = collected(bench, "groups")
    assert (row.state, row.counts.closed) == ("ok", 0)
    assert row.counts.unchanged == row.counts.read == first.counts.inserted
    assert collected(bench, "groups").counts.read == 0


def test_a_resync_of_many_parts_closes_what_none_of_them_contained(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 40)
    collected(bench, "users")
    [own, *_] = bench.current("users")
    sandbox_admin.delete("users", own)
    bench.slice_seconds = 0.0
    # The first reset loses the saved place, the second one strikes in the middle of the new round.
    sandbox_admin.faults(
        {"kind": "delta_reset", "path": "deltatoken", "count": 1},
        {"kind": "delta_reset", "path": "skiptoken", "count": 1, "after": 2},
    )
    row = collected(bench, "users")
    assert row.parts >= 4
    assert (row.state, row.counts.closed, row.counts.inserted) == ("ok", 1, 0)
    assert set(bench.current("users")) == set(sandbox_admin.journal("users")["objects"])
    sandbox_admin.restore("users", own)


def test_removed_and_restored_within_one_round_is_there(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "groups")
    before = set(bench.current("groups"))
    [own, *_] = before
    sandbox_admin.delete("groups", own)
    sandbox_admin.restore("groups", own)
    assert collected(bench, "groups").state == "ok"
    assert set(bench.current("groups")) == before


def test_an_event_of_the_future_does_not_carry_the_watermark_away(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults(
        {
            "kind": "wrong_type",
            "path": "/directoryAudits",
            "property": "activityDateTime",
            "value": "2101-01-01T00:00:00Z",
            "count": 1,
        }
    )
    row = collected(bench, "directory_audits")
    assert row.state == "ok"
    assert row.window_to is not None
    assert row.window_to <= row.started_at
    sandbox_admin.clear_faults()
    sandbox_admin.life(20)
    row = collected(bench, "directory_audits")
    assert row.window_from is not None
    assert row.window_from <= row.started_at - timedelta(hours=1)
    assert row.counts.inserted > 0, "what happened meanwhile is not left out"


def test_throttling_without_an_end_is_written_into_the_ledger(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "throttle", "path": "/domains", "retry_after": 300})
    assert bench.collect("domains") is None, "put off, not given up"
    bench.give_up_after = timedelta(0)
    row = collected(bench, "domains")
    assert (row.state, row.cause, row.rows) == ("throttled", "graph_throttled", 0)
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert line.next_due is not None
    wait = line.next_due - row.finished_at
    assert timedelta(seconds=295) < wait < timedelta(seconds=305), "Retry-After is kept"


def test_a_run_that_has_read_something_keeps_its_place_for_longer(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.small_pages("users", 40)
    bench.give_up_after = timedelta(0)
    sandbox_admin.faults({"kind": "reset", "path": "/users/delta", "after": 3})
    assert bench.collect("users") is None
    read = len(bench.current("users"))
    assert read >= 80
    assert bench.collect("users") is None, "four hours have not passed"
    sandbox_admin.clear_faults()
    row = collected(bench, "users")
    assert (row.state, row.parts >= 2) == ("ok", True)
    assert row.counts.read < len(bench.current("users")) + read, "it went on where it was"
    sandbox_admin.faults({"kind": "reset", "path": "/users/delta"})
    bench.keep_place_for = timedelta(0)
    assert collected(bench, "users").state == "failed"


def test_what_a_killed_worker_did_not_send_is_sent_when_its_message_comes_back(
    bench: Bench,
) -> None:
    [groups] = bench.messages("groups")
    [members] = bench.messages("members")
    assert bench.work(members) is None, "put off until the groups have been read"
    bench.slice_seconds = 0.0
    bench.small_pages("groups", 10)
    following = bench.work(groups)  # and the worker dies before it is sent
    assert bench.work(groups) == following
    assert following is not None
    bench.slice_seconds = 60.0
    assert bench.work(following) is None
    [waited] = bench.sent_on  # and dies again
    assert bench.work(following) is None
    assert bench.sent_on == [waited, waited]
    assert bench.work(waited) is None
    bench.sent_on.clear()
    assert bench.work(following) is None
    assert bench.sent_on == [], "it has been opened"
    assert bench.runs.ledger(bench.tenant_id, "members")[0].state == "ok"
    assert len(bench.runs.ledger(bench.tenant_id, "members")) == 1


def test_children_of_a_dataset_under_way_are_put_off(bench: Bench) -> None:
    [groups] = bench.messages("groups")
    [message] = bench.messages("members")
    bench.give_up_after = timedelta(0)  # what is said of Graph alone
    assert bench.work(message.model_copy(update={"part": 1})) is None
    lines = {line.dataset: line for line in bench.runs.status(bench.tenant_id, clock.now())}
    assert (lines["members"].state, lines["members"].cause) == ("throttled", "parent_under_way")
    assert bench.sent_on == []
    assert bench.work(groups) is None
    [sent_on] = bench.sent_on
    assert (sent_on.run_id, sent_on.part) == (message.run_id, 2), "by the end of what it waited for"
    assert bench.messages("members") == [], "it is on its way"
    assert bench.work(sent_on) is None
    [row] = bench.runs.ledger(bench.tenant_id, "members")
    assert (row.state, row.run_id) == ("ok", message.run_id)
