"""Delta rounds that break off, are told to begin anew, or tell things twice: earlier data stays."""

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack


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
