"""What happened to messages on their way: below traces that are held up, and what once was so."""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Below, Since
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

TRACES, DETAILS = "message_traces", "message_trace_details"
HELD_UP = ("gettingStatus", "pending", "failed", "quarantined")


@pytest.fixture(autouse=True)
def a_day(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """The traces of a day have been read."""
    sandbox_admin.throttle(0)
    traces = bench.collector(TRACES)
    recent = replace(Since.of(traces), initial=timedelta(days=1), look_backs=())
    bench.changed[TRACES] = replace(traces, extent=recent)
    collected(bench, TRACES)
    yield
    sandbox_admin.throttle(1)


def parents(bench: Bench) -> set[str]:
    return {own for (own,) in stored(bench, DETAILS, "DISTINCT parent_id")}


def held_up(bench: Bench) -> set[str]:
    """Traces of a day, five minutes old or more, that did not simply arrive."""
    old = "received_at < clock_timestamp() - interval '6 minutes'"
    where = f"status IN {HELD_UP} AND valid_to IS NULL AND {old}"
    return {own for (own,) in stored(bench, TRACES, "id", where)}


def told(bench: Bench, admin: SandboxAdmin, status: str, minutes: float, **more: str) -> str:
    """Tell of a message of some minutes ago; return the id of its trace."""
    event = {"recipientAddress": "o'brien@contoso.example", "toIP": "", "status": status, **more}
    own = admin.event(TRACES, event, age=60 * minutes)
    collected(bench, TRACES)
    return f"{own['id']}/{own['recipientAddress']}"


def events(bench: Bench, trace: str) -> list[str]:
    found = stored(bench, DETAILS, "occurred_at, lower(event)", f"parent_id = '{_quoted(trace)}'")
    return [event for _at, event in found]


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def test_what_did_not_simply_arrive_is_read_and_nothing_else(bench: Bench) -> None:
    wanted = held_up(bench)
    row = collected(bench, DETAILS)
    assert wanted
    assert wanted <= parents(bench)
    statuses = {status for (status,) in stored(bench, TRACES, "status", _of(parents(bench)))}
    assert statuses <= set(HELD_UP)
    assert row.rows >= 2 * len(wanted)
    again = collected(bench, DETAILS)
    assert (again.counts.inserted, again.counts.closed) == (0, 0)


def _of(ids: set[str]) -> str:
    listed = ", ".join(f"'{_quoted(own)}'" for own in ids)
    return f"id IN ({listed}) AND valid_to IS NULL"


def test_a_message_is_not_held_up_before_it_is_five_minutes_old(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    young, old = told(bench, sandbox_admin, "pending", 2), told(bench, sandbox_admin, "pending", 7)
    collected(bench, DETAILS)
    assert young not in parents(bench)
    assert events(bench, old) == ["receive", "defer"]
    # Nothing is told of it again; it has come of age all the same.
    spec = bench.collector(DETAILS)
    ages = (timedelta(minutes=1), timedelta(days=3))
    bench.changed[DETAILS] = replace(spec, extent=replace(Below.of(spec), ages=ages))
    collected(bench, DETAILS)
    assert young in parents(bench)


def test_what_was_held_up_is_followed_until_it_arrives_and_stays(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    trace = told(bench, sandbox_admin, "pending", 7)
    collected(bench, DETAILS)
    assert events(bench, trace) == ["receive", "defer"]
    own, _, recipient = trace.partition("/")
    again = {"id": own, "recipientAddress": recipient, "status": "delivered"}
    sandbox_admin.event(TRACES, again, age=0)
    collected(bench, TRACES)
    row = collected(bench, DETAILS)
    assert row.counts.closed == 0
    assert "deliver" in events(bench, trace)
    plain = told(bench, sandbox_admin, "delivered", 20)
    collected(bench, DETAILS)
    assert plain not in parents(bench), "it simply arrived"
    assert "deliver" in events(bench, trace)


def test_what_is_too_old_is_left_alone(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    spec = bench.collector(DETAILS)
    ages = (timedelta(minutes=5), timedelta(hours=2))
    bench.changed[DETAILS] = replace(spec, extent=replace(Below.of(spec), ages=ages))
    recent, old = (told(bench, sandbox_admin, "failed", minutes) for minutes in (60, 150))
    collected(bench, DETAILS)
    assert recent in parents(bench)
    assert old not in parents(bench)


def test_a_trace_that_graph_has_no_more_loses_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, DETAILS)
    before = stored(bench, DETAILS, "id")
    bench.changed[DETAILS] = replace(
        bench.collector(DETAILS),
        extent=replace(Below.of(bench.collector(DETAILS)), changed=False),
    )
    sandbox_admin.faults({"kind": "not_found", "path": "getDetailsByRecipient"})
    bench.collect(DETAILS)
    assert stored(bench, DETAILS, "id") == before
    assert stored(bench, DETAILS, "id", "valid_to IS NOT NULL") == []


def test_a_tenant_without_the_service_principal_is_told_so(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["exchange"])
    try:
        row = bench.collect(DETAILS)
        assert row is not None
        assert (row.state, row.counts.read) == ("not_permitted", 0)
    finally:
        sandbox_admin.tenant(notBought=[])
