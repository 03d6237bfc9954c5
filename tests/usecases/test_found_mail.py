"""What Defender for Office 365 found in mail: analyzed messages, hunting, and who has no licence for it."""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Since
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

ANALYZED, EVENTS, COUNTS, AFTER = (
    "analyzed_emails",
    "email_threat_events",
    "email_threat_counts",
    "email_post_delivery",
)
TRACES = "message_traces"
# Mail that came in, of which Exchange has made up its mind.
CAME_IN = "to_ip = '' AND from_ip LIKE '192.0.2.%' AND status NOT IN ('pending', 'gettingStatus')"
SETTLED = "clock_timestamp() - interval '3 days' AND clock_timestamp() - interval '1 hour'"
OLD = f"received_at BETWEEN {SETTLED}"


@pytest.fixture(autouse=True)
def unthrottled(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A first run of four days."""
    sandbox_admin.throttle(0)
    for dataset in (ANALYZED, EVENTS, AFTER, TRACES, COUNTS):
        spec = bench.collector(dataset)
        recent = replace(Since.of(spec), initial=timedelta(days=4), look_backs=())
        bench.changed[dataset] = replace(spec, extent=recent)
    yield
    sandbox_admin.tenant(notBought=[])
    sandbox_admin.throttle(1)


def test_what_was_analyzed_are_the_messages_that_came_in(bench: Bench) -> None:
    collected(bench, TRACES)
    row = collected(bench, ANALYZED)
    assert row.counts.rejected == 0
    names = "network_message_id || '/' || recipient_address"
    found = {own for (own,) in stored(bench, ANALYZED, names)}
    traced = {own for (own,) in stored(bench, TRACES, "id", f"{CAME_IN} AND {OLD}")}
    assert traced
    assert traced <= found
    caught = "status IN ('filteredAsSpam', 'quarantined')"
    bad = {own for (own,) in stored(bench, TRACES, "id", f"{CAME_IN} AND {OLD} AND {caught}")}
    threat = "threat_types <> '[\"none\"]' AND timeline_events = '[]'"
    late = f"logged_at BETWEEN {SETTLED}"
    assert {own for (own,) in stored(bench, ANALYZED, names, f"{threat} AND {late}")} == bad
    zapped = stored(bench, ANALYZED, "latest_delivery_location", "timeline_events <> '[]'")
    assert set(zapped) == {("quarantine",)}


def test_hunting_finds_threats_and_what_was_taken_back(bench: Bench) -> None:
    collected(bench, TRACES)
    collected(bench, EVENTS)
    collected(bench, AFTER)
    caught = "status IN ('filteredAsSpam', 'quarantined')"
    bad = {own for (own,) in stored(bench, TRACES, "id", f"{CAME_IN} AND {OLD} AND {caught}")}
    late = f"occurred_at BETWEEN {SETTLED}"
    assert {own for (own,) in stored(bench, EVENTS, "id", late)} == bad
    assert stored(bench, AFTER, "DISTINCT action_type, action_result") == [("Phish ZAP", "Success")]


def test_counts_are_of_whole_days_and_each_day_is_counted_once(bench: Bench) -> None:
    spec = bench.collector(TRACES)
    week = replace(Since.of(spec), initial=timedelta(days=8), look_backs=())
    bench.changed[TRACES] = replace(spec, extent=week)
    collected(bench, TRACES)
    collected(bench, COUNTS)
    day = "(received_at AT TIME ZONE 'UTC')::date::text"
    traced = dict(stored(bench, TRACES, f"{day}, count(*)", f"{CAME_IN} GROUP BY 1"))
    counted = dict(
        stored(
            bench, COUNTS, "(day AT TIME ZONE 'UTC')::date::text, sum(message_count)::int",
            "true GROUP BY 1",
        )
    )  # fmt: skip
    assert len(counted) == 4
    assert counted == {own: traced[own] for own in counted}
    again = collected(bench, COUNTS)
    assert (again.counts.inserted, again.counts.updated) == (0, 0)


@pytest.mark.parametrize("dataset", [ANALYZED, EVENTS, COUNTS, AFTER])
def test_without_the_plan_it_is_not_licensed(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    sandbox_admin.tenant(notBought=["defender_office"])
    row = bench.collect(dataset)
    assert row is not None
    assert (row.state, row.counts.read) == ("not_licensed", 0)
