"""Calls and meetings: records whose higher version counts, and what is read below each of them."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Below, Slices
from shared.store.work.run_records import Run
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

RECORDS, STREAMS, PARTICIPANTS = "call_records", "call_streams", "call_participants"
# Of a meeting of several, with media in each half of its sessions.
MEETING = "00000005-aaaa-4aaa-aaaa-aaaaaaaaaaaa"


@pytest.fixture(autouse=True)
def two_days(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """The records of two days are read."""
    sandbox_admin.throttle(0)
    spec = bench.collector(RECORDS)
    extent = replace(Slices.of(spec), initial=timedelta(days=2), look_backs=())
    bench.changed[RECORDS] = replace(spec, extent=extent)
    collected(bench, RECORDS)
    yield
    sandbox_admin.clear_faults()
    sandbox_admin.throttle(1)


def sessions(bench: Bench) -> set[str]:
    """The sessions with media of the meeting that was told by hand."""
    where = f"parent_id = '{MEETING}'"
    return {own for (own,) in stored(bench, STREAMS, "DISTINCT split_part(id, '/', 2)", where)}


def versions(bench: Bench) -> dict[str, int]:
    return dict(stored(bench, RECORDS, "id, version", "valid_to IS NULL"))


def told_again(bench: Bench, admin: SandboxAdmin, own: str, **more: Any) -> None:
    admin.event(RECORDS, {"id": own, **more}, age=0)
    collected(bench, RECORDS)


def test_a_round_begins_when_its_parents_are_known(bench: Bench) -> None:
    asked = clock.now() - timedelta(hours=1)
    [message] = bench.messages(PARTICIPANTS)
    assert isinstance(bench.runs.open(message, asked), Run), "it waited for them an hour"
    assert bench.work(message) is None
    [message] = bench.messages(PARTICIPANTS)
    following = bench.runs.open(message, clock.now())
    assert isinstance(following, Run)
    began = datetime.fromisoformat(str((following.checkpoint or {})["readAt"]))
    assert began - asked > timedelta(minutes=55), "what was stored meanwhile is not read again"


def test_a_higher_version_replaces_a_lower_one_and_never_the_other_way(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    recent = "version = 3 AND started_at > clock_timestamp() - interval '20 hours'"
    own = stored(bench, RECORDS, "id", recent)[0][0]
    told_again(bench, sandbox_admin, own, version=4, modalities=["audio", "screenSharing"])
    assert versions(bench)[own] == 4
    told_again(bench, sandbox_admin, own, version=2, modalities=["audio"])
    assert versions(bench)[own] == 4
    [(modalities,)] = stored(bench, RECORDS, "modalities", f"id = '{own}' AND valid_to IS NULL")
    assert modalities == ["audio", "screenSharing"]
    told_again(bench, sandbox_admin, own, version=4, modalities=["audio", "video"])
    [(modalities,)] = stored(bench, RECORDS, "modalities", f"id = '{own}' AND valid_to IS NULL")
    assert modalities == ["audio", "video"], "the same version, told with more"


def test_below_each_record_are_its_streams_and_who_took_part(bench: Bench) -> None:
    row = collected(bench, STREAMS)
    assert row.counts.rejected == 0
    collected(bench, PARTICIPANTS)
    known, above = set(versions(bench)), "DISTINCT parent_id"
    assert {own for (own,) in stored(bench, PARTICIPANTS, above)} == known
    assert {own for (own,) in stored(bench, STREAMS, above)} <= known
    begun = dict(stored(bench, RECORDS, "id, started_at", "valid_to IS NULL"))
    lies = stored(bench, STREAMS, "DISTINCT parent_id, call_started_at")
    assert all(at == begun[own] for own, at in lies)
    jitters = [value for (value,) in stored(bench, STREAMS, "average_jitter_seconds")]
    assert any(value is None for value in jitters), "of who is muted nothing is known"
    assert 0 < max(value for value in jitters if value is not None) < 1, "seconds"
    again = collected(bench, STREAMS)
    assert (again.counts.inserted, again.counts.updated) == (0, 0), "nothing has changed"


def test_sessions_of_many_pages_are_read_to_the_end(bench: Bench) -> None:
    collected(bench, STREAMS)
    whole = stored(bench, STREAMS, "id")
    spec = bench.collector(STREAMS)
    bench.changed[STREAMS] = replace(
        spec,
        ask=replace(spec.ask, page_size=1),
        extent=replace(Below.of(spec), changed=False),
    )
    row = collected(bench, STREAMS)
    assert row.counts.read == len(whole), "one session a page"
    assert row.counts.inserted == 0


def test_a_newer_version_has_its_streams_read_again(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    own = sandbox_admin.event(RECORDS, {"id": MEETING, "version": 1}, age=7_200)["id"]
    assert own == MEETING
    collected(bench, RECORDS)
    collected(bench, STREAMS)
    first = sessions(bench)
    told_again(bench, sandbox_admin, MEETING, version=3)
    collected(bench, STREAMS)
    assert first < sessions(bench), "half of them came first"


def test_a_record_that_graph_has_no_more_loses_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, STREAMS)
    before = stored(bench, STREAMS, "id")
    for own in list(versions(bench))[:1]:
        told_again(bench, sandbox_admin, own, version=9)
    sandbox_admin.faults({"kind": "not_found", "path": "/sessions"})
    row = bench.collect(STREAMS)
    assert row is not None
    assert row.counts.closed == 0
    assert stored(bench, STREAMS, "id") == before


def test_without_the_permission_nothing_is_read(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.faults({"kind": "missing_permission", "path": "callRecords"})
    row = bench.collect(RECORDS)
    assert row is not None
    assert (row.state, row.counts.read) == ("not_permitted", 0)
