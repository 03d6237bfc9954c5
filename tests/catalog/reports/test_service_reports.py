"""Performance, service incidents and the self-test: what follows from Microsoft's words and our ledger."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Never
from uuid import UUID

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.health import overviews
from shared.core import clock, registry
from shared.core.component import COMPONENTS, Look
from shared.store.registers.component_looks import ComponentLooks
from shared.store.registers.consents import Consents
from shared.usecases.doors import WorkDoors
from shared.usecases.keep_looks import keep_looks
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

EXCHANGE, TEAMS = "Exchange Online", "Microsoft Teams"


def health(engine: Engine) -> None:
    """Two services are listed."""
    listed = [
        {"id": "Exchange", "service": EXCHANGE, "status": "serviceDegradation"},
        {"id": "microsoftteams", "service": TEAMS, "status": "serviceOperational"},
    ]
    collect(engine, TENANT, "service_health", listed)


def issue(name: str, began: float, ended: float | None, **more: object) -> Object:
    """An incident of Exchange that began and ended so many days ago."""
    return {
        "id": name,
        "service": EXCHANGE,
        "classification": "incident",
        "status": "serviceRestored",
        "is_resolved": ended is not None,
        "started_at": days_ago(began),
        "ended_at": None if ended is None else days_ago(ended),
        **more,
    }


def test_incidents_at_one_time_count_once_and_advisories_not(engine: Engine) -> None:
    health(engine)
    issues = [
        issue("a", 10, 8),
        issue("b", 9, 7),
        issue("c", 5, 1, classification="advisory"),
        issue("before", 90, 29),
        issue("long ago", 90, 60),
        issue("to come", -1, -3),
        issue("wrong way round", 3, 4),
        issue("of another", 20, 2, service="Yammer"),
    ]
    collect(engine, TENANT, "service_issues", issues)
    found = rows(engine, "performance")
    # Of thirty days three and one were not free.
    assert found["Exchange"]["uptime_percent"] == pytest.approx(100 * (1 - 4 / 30), abs=0.01)
    assert found["Exchange"]["sla_status"] == "missed"
    assert found["microsoftteams"]["uptime_percent"] == 100.0
    assert found["microsoftteams"]["sla_status"] == "met"
    assert found["Exchange"]["status"] == "warning"


def test_an_incident_that_is_open_goes_on_until_now(engine: Engine) -> None:
    health(engine)
    collect(engine, TENANT, "service_issues", [issue("a", 3, None)])
    row = rows(engine, "performance")["Exchange"]
    assert row["uptime_percent"] == pytest.approx(90.0, abs=0.01)
    assert row["open_issue_count"] == 1


def test_without_any_issue_nothing_is_said_of_incidents(engine: Engine) -> None:
    health(engine)
    for row in rows(engine, "performance").values():
        assert (row["uptime_percent"], row["sla_status"]) == (None, None)
        assert row["open_issue_count"] is None


def test_storage_is_that_of_all_who_have_a_limit(engine: Engine) -> None:
    health(engine)
    boxes: list[Object] = [
        {"id": "a", "storage_used_bytes": 30, "prohibit_send_receive_quota_bytes": 100},
        {"id": "b", "storage_used_bytes": 50, "prohibit_send_receive_quota_bytes": 100},
        {"id": "no limit", "storage_used_bytes": 900, "prohibit_send_receive_quota_bytes": None},
        {"id": "unknown", "storage_used_bytes": None, "prohibit_send_receive_quota_bytes": 100},
        {
            "id": "gone",
            "is_deleted": True,
            "storage_used_bytes": 100,
            "prohibit_send_receive_quota_bytes": 100,
        },
    ]
    collect(engine, TENANT, "mailbox_usage", boxes, report_date=clock.now().date())
    found = rows(engine, "performance")
    assert found["Exchange"]["storage_usage_percent"] == 40.0
    assert found["microsoftteams"]["storage_usage_percent"] is None


@pytest.mark.parametrize("seed", SEEDS)
def test_uptime_is_what_counting_minutes_says(engine: Engine, seed: int) -> None:
    tenant, stored = simulated(seed), Stored(engine)
    issues = told(tenant, "issues")
    stored.keep("service_issues", issues)
    stored.keep("service_health", overviews([dict(one) for one in issues]))
    found = rows(engine, "performance", tenant=stored.tenant_id)
    now = datetime.now(UTC)
    assert len(found) == 8
    for row in found.values():
        free = _free_minutes(issues, str(row["service_name"]), now)
        assert row["uptime_percent"] == pytest.approx(100 * free / (30 * 1440), abs=0.02)
    assert any(row["sla_status"] == "missed" for row in found.values())


def _free_minutes(issues: Iterable[Mapping[str, Any]], service: str, now: datetime) -> int:
    """Look at each minute of thirty days by itself."""
    spans = [
        (datetime.fromisoformat(one["startDateTime"]), _ended(one, now))
        for one in issues
        if one["service"] == service and one["classification"] == "incident"
    ]
    minutes = (now - timedelta(minutes=minute) for minute in range(30 * 1440))
    return sum(not any(low <= at < high for low, high in spans) for at in minutes)


def _ended(one: Mapping[str, Any], now: datetime) -> datetime:
    return datetime.fromisoformat(one["endDateTime"]) if one["endDateTime"] else now


def test_failures_of_the_same_service_at_the_same_time_stand_beside_an_incident(
    engine: Engine,
) -> None:
    collect(engine, TENANT, "service_issues", [issue("then", 10, 8), issue("later", 5, 4)])
    fail = {"state": "failed", "cause": "graph_unavailable"}
    for dataset, days in (("message_traces", 9.5), ("message_traces", 9), ("mailbox_usage", 8.5)):
        given = {"report_date": clock.now().date()} if dataset == "mailbox_usage" else {}
        collect(engine, TENANT, dataset, [], at=days_ago(days), **fail, **given)  # type: ignore[arg-type]
    # Of another service, before it began, and for a cause of ours.
    collect(engine, TENANT, "users", [], at=days_ago(9.2), **fail)  # type: ignore[arg-type]
    collect(
        engine,
        TENANT,
        "message_traces",
        [],
        at=days_ago(8.4),
        state="failed",
        cause="run_abandoned",
    )
    collect(engine, TENANT, "message_traces", [], at=days_ago(7), **fail)  # type: ignore[arg-type]
    found = rows(engine, "service_incidents", open_ended=("classification",))
    assert found["then"]["own_failure_count"] == 3
    assert found["then"]["own_datasets"] == "mailbox_usage, message_traces"
    assert (found["later"]["own_failure_count"], found["later"]["own_datasets"]) == (0, None)
    assert found["then"]["duration_hours"] == 48.0


def test_each_dataset_is_a_test_and_says_how_it_last_went(engine: Engine) -> None:
    collect(engine, TENANT, "users", [{"id": "a"}])
    collect(engine, TENANT, "groups", [], state="not_permitted", cause="graph_not_permitted")
    collect(engine, TENANT, "risky_users", [], state="not_licensed", cause="graph_not_licensed")
    collect(engine, TENANT, "domains", [], state="partial", cause="rows_rejected")
    collect(engine, TENANT, "domains", [], state="failed", cause="somethingNew")
    found = rows(engine, "test", open_ended=("error_message",))
    tests = {key for key in found if key.startswith("collect:")}
    assert tests == {f"collect:{name}" for name in registry.datasets()}
    result = {
        key: (row["run_state"], row["result"], row["error_message"]) for key, row in found.items()
    }
    assert result["collect:users"] == ("done", "success", None)
    assert result["collect:groups"] == ("done", "failure", "graph_not_permitted")
    assert result["collect:risky_users"] == ("done", "not_licensed", "graph_not_licensed")
    assert result["collect:domains"] == ("done", "failure", "somethingNew")
    assert result["collect:sign_ins"] == ("never", None, None)
    assert found["collect:users"]["priority"] == "high"
    assert found["collect:users"]["category"] == "identity"
    assert found["collect:users"]["duration_s"] == 0.001
    assert found["collect:users"]["last_run_at"] is not None


def test_a_permission_counts_as_granted_by_what_covers_it(engine: Engine) -> None:
    before = rows(engine, "test")
    assert before["permission:User.Read.All"]["run_state"] == "never"
    assert before["permission:User.Read.All"]["result"] is None
    Consents(engine).note(TENANT, [], clock.now())
    none = rows(engine, "test")["permission:User.Read.All"]
    assert (none["run_state"], none["result"]) == ("done", "failure"), "somebody looked"
    Consents(engine).note(TENANT, ["Directory.Read.All", "Reports.Read.All"], clock.now())
    found = {key: row["result"] for key, row in rows(engine, "test").items()}
    assert found["permission:User.Read.All"] == "success", "Directory.Read.All covers it"
    assert found["permission:Reports.Read.All"] == "success"
    assert found["permission:AuditLog.Read.All"] == "failure"
    declared = {
        p.name for name in registry.datasets() for p in registry.collector(name).permissions
    }
    assert {key for key in found if key.startswith("permission:")} == {
        f"permission:{name}" for name in declared
    }


@pytest.mark.parametrize(("conceals", "result"), [(True, "warning"), (False, "success")])
def test_names_that_are_concealed_are_a_warning(
    engine: Engine, conceals: bool, result: str
) -> None:
    assert rows(engine, "test")["setting:concealed_names"]["result"] is None
    settings = [{"id": "report_settings", "display_concealed_names": conceals}]
    collect(engine, TENANT, "report_settings", settings)
    row = rows(engine, "test")["setting:concealed_names"]
    assert (row["run_state"], row["result"]) == ("done", result)


def test_the_parts_of_the_service_are_tests_as_they_were_when_last_looked_at(
    engine: Engine,
) -> None:
    collect(engine, TENANT, "users", [{"id": "a"}], at=days_ago(3))
    looks, well = ComponentLooks(engine), Look(state="ok", at=None)
    parts = dict.fromkeys(registry.of(COMPONENTS), well)
    looks.keep(parts, days_ago(4))
    looks.keep({**parts, "queues": Look(state="failing", at=None, cause="x")}, days_ago(2))
    row = rows(engine, "test")["platform:queues"]
    assert (row["category"], row["result"]) == ("platform", "success"), "as of the last collection"
    keep_looks(WorkDoors(engine=engine, graph=no_graph, slice_seconds=9))
    collect(engine, TENANT, "users", [{"id": "a"}])
    found = rows(engine, "test", open_ended=("error_message",))
    told = {key: one for key, one in found.items() if key.startswith("platform:")}
    assert set(told) == {f"platform:{name}" for name in parts}
    assert told["platform:database"]["result"] == "success"
    assert {one["run_state"] for one in told.values()} == {"done"}
    assert told["platform:schedules"]["result"] is None, "nothing was ever due here: unknown"
    then = asked(engine, "test", days_ago(1))["platform:queues"]
    assert (then["result"], then["error_message"]) == ("failure", "x")
    assert asked(engine, "test", days_ago(5))["platform:queues"]["run_state"] == "never"
    assert looks.forget(days_ago(1)) == 2 * len(parts)


def no_graph(_: UUID) -> Never:
    raise AssertionError("no part asks Graph")
