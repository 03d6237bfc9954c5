"""Scores, incidents, risks and announcements: kept through their changes, and refused in Graph's words."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.usecases.connect_tenant import connect_tenant
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

PREMIUM = ("risky_users", "risk_detections")


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.tenant(premium="P2", notBought=[], concealNames=False)
    sandbox_admin.throttle(1)


@pytest.mark.parametrize("dataset", PREMIUM)
def test_without_premium_there_is_no_licence_and_nothing_is_lost(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    first = collected(bench, dataset)
    sandbox_admin.tenant(premium="none")
    row = collected(bench, dataset, "not_licensed", "graph_not_licensed")
    assert (row.rows, row.counts.closed) == (first.rows, 0)
    sandbox_admin.tenant(premium="P1")
    collected(bench, dataset)
    levels = {level for (level,) in stored(bench, dataset, "risk_level", "valid_to IS NULL")}
    assert "hidden" in levels


def test_what_stays_without_a_licence_is_asked_for_once_a_day(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    day = timedelta(days=1)
    sandbox_admin.tenant(premium="none")
    row = collected(bench, "sign_ins", "not_licensed", "graph_not_licensed")
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert line.next_due is not None
    assert line.next_due - row.finished_at < day / 2, "by its interval: Graph may be mistaken once"
    row = collected(bench, "sign_ins", "not_licensed", "graph_not_licensed")
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert line.next_due is not None
    assert abs(line.next_due - row.finished_at - day) < timedelta(minutes=1)
    before = clock.now()
    client = GraphClient(bench.settings, bench.tenant_id, Governor(bench.purse), QUICK)
    asyncio.run(connect_tenant(bench.engine, client, bench.tenant_id, "Contoso"))
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert line.next_due is not None
    assert before <= line.next_due <= clock.now(), "who buys it connects again"


def test_without_defender_incidents_have_no_licence(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["defender"])
    collected(bench, "security_incidents", "not_licensed", "graph_not_licensed")


@pytest.mark.parametrize(
    ("dataset", "permission"),
    [
        ("secure_scores", "SecurityEvents.Read.All"),
        ("security_incidents", "SecurityIncident.Read.All"),
        ("risky_users", "IdentityRiskyUser.Read.All"),
        ("service_messages", "ServiceMessage.Read.All"),
    ],
)
def test_a_missing_permission_is_said_and_no_data_lost(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, permission: str
) -> None:
    first = collected(bench, dataset)
    own = bench.sandbox.tenants[0].client_id
    held = sandbox_admin.app(appId=own)["permissions"]
    sandbox_admin.app(appId=own, permissions=[name for name in held if name != permission])
    try:
        row = collected(bench, dataset, "not_permitted", "graph_not_permitted")
    finally:
        sandbox_admin.app(appId=own, permissions=held)
    assert row.rows == first.rows


@pytest.mark.parametrize(
    ("dataset", "stamp"),
    [("security_incidents", "last_update_at"), ("risk_detections", "last_updated_at")],
)
def test_what_changes_is_followed_and_never_closed(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, stamp: str
) -> None:
    first = collected(bench, dataset)
    sandbox_admin.advance(timedelta(days=4).total_seconds())
    row = collected(bench, dataset)
    assert row.counts.updated > 0
    assert row.counts.closed == 0
    assert row.rows == first.rows + row.counts.inserted
    late = stored(bench, dataset, f"id, count(*), max({stamp})", "true GROUP BY id")
    assert sum(count > 1 for _id, count, _at in late) == row.counts.updated


def test_a_detection_that_is_listed_late_is_found(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "risk_detections")
    new = sandbox_admin.event("risk_detections", {"riskEventType": "leakedCredentials"}, age=7_000)
    collected(bench, "risk_detections")
    [(event,)] = stored(bench, "risk_detections", "risk_event_type", f"id = '{new['id']}'")
    assert event == "leakedCredentials"


def test_an_issue_keeps_its_history_and_a_read_without_news_closes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "service_issues")
    again = collected(bench, "service_issues")
    assert (again.counts.inserted, again.counts.updated, again.counts.closed) == (0, 0, 0)
    assert again.rows == first.rows > again.counts.read
    now = sandbox_admin.stats()["now"]
    told = {"title": "By another name", "lastModifiedDateTime": now}
    sandbox_admin.patch("issues", "TM800102", told)
    assert collected(bench, "service_issues").counts.updated == 1
    titles = stored(bench, "service_issues", "valid_to IS NULL, title", "id = 'TM800102'")
    assert titles == [(False, "Users may see delays when joining meetings"), (True, told["title"])]


def test_the_only_object_without_an_id_is_called_by_its_dataset(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    assert collected(bench, "report_settings").counts.inserted == 1
    sandbox_admin.tenant(concealNames=True)
    assert collected(bench, "report_settings").counts.updated == 1
    assert stored(bench, "report_settings", "valid_to IS NULL, id, display_concealed_names") == [
        (False, "report_settings", False),
        (True, "report_settings", True),
    ]


def test_scores_are_kept_longer_than_microsoft_keeps_them(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "secure_scores")
    sandbox_admin.advance(timedelta(days=10).total_seconds())
    row = collected(bench, "secure_scores")
    assert 5 <= row.counts.inserted <= 10
    assert bench.count("secure_scores") == first.rows + row.counts.inserted
