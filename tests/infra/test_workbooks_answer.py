"""What the workbooks show is what happened: their queries are really run, missing data included."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.usecases.measure_run import RUNS
from shared.usecases.watch_schedule import LATENESS
from tests.infra.declarations import workbook_queries
from tests.infra.kql.telemetry_rows import metric_rows
from tests.infra.kql.workspace import Row, run

GROUP = "/subscriptions/s/resourceGroups/rg-kanri-dev"
HOUR = timedelta(hours=1)


def _ask(workbook: str, name: str, rows: list[Row], **parameters: str) -> list[dict[str, Any]]:
    query = workbook_queries(workbook)[name].replace("{TimeRange:grain}", "1h")
    filled = {"TimeRange": "> ago(30d)", "Objective": "99.5", "Tenant": "*", **parameters}
    for parameter, value in (filled | {"resourceGroupId": GROUP}).items():
        query = query.replace(f"{{{parameter}}}", value)
    return run(query, rows, timedelta(days=30))


def _calls(count: int, code: int, path: str = "/api/v1/tenants") -> list[Row]:
    columns = {"Url": f"https://host{path}", "ResultCode": str(code), "ItemCount": count}
    return [Row("AppRequests", columns, HOUR)]


def test_the_error_budget_is_what_the_objective_leaves() -> None:
    [line] = _ask("sla", "availability", _calls(9_980, 200) + _calls(20, 503))
    assert line["AvailabilityPercent"] == 99.8
    assert (line["AllowedFailures"], line["BudgetLeftPercent"]) == (50, 60.0)


def test_a_budget_can_be_overspent_and_callers_errors_cost_nothing() -> None:
    [line] = _ask("sla", "availability", _calls(100, 404) + _calls(100, 500))
    assert (line["AvailabilityPercent"], line["BudgetLeftPercent"]) == (50.0, -9_900.0)


def test_probes_do_not_make_an_outage_look_small() -> None:
    rows = _calls(10_000, 200, "/api/health/live") + _calls(10, 500) + _calls(10, 200)
    [line] = _ask("sla", "availability", rows)
    assert line["AvailabilityPercent"] == 50.0


def test_without_requests_availability_is_unknown() -> None:
    assert _ask("sla", "availability", []) == []
    assert _ask("sla", "platform", []) == []


def test_what_the_platform_counted_shows_an_app_that_did_not_start() -> None:
    site = {"ResourceProvider": "MICROSOFT.WEB"}
    rows = [
        Row("AzureMetrics", {**site, "MetricName": "Requests", "Total": 200.0}, HOUR),
        Row("AzureMetrics", {**site, "MetricName": "Http5xx", "Total": 150.0}, HOUR),
        Row("AzureMetrics", {**site, "MetricName": "MemoryWorkingSet", "Total": 9e9}, HOUR),
    ]
    [line] = _ask("sla", "platform", rows)
    assert (line["Requests"], line["Failed"], line["AvailabilityPercent"]) == (200, 150, 25.0)


def test_each_day_shows_its_share_of_the_budget() -> None:
    [line] = _ask("sla", "burn", _calls(9_980, 200) + _calls(20, 503))
    assert line["BurnedPercent"] == pytest.approx(40.0)


def test_late_hours_are_counted_in_quarters() -> None:
    rows = [
        row
        for minutes in (15, 16, 60, 120)
        for row in metric_rows(
            LATENESS, [8_000 - minutes], timedelta(minutes=minutes), tenant_id="t", dataset="users"
        )
    ]
    [line] = _ask("sla", "freshness", rows)
    assert line["LateHours"] in {0.75, 1.0}  # 15 and 16 minutes ago: one quarter, or two


def test_a_dataset_that_caught_up_is_not_shown_as_overdue() -> None:
    def late(dataset: str, age: timedelta) -> list[Row]:
        return metric_rows(LATENESS, [600], age, tenant_id="t", dataset=dataset)

    rows = late("users", timedelta(minutes=2)) + late("groups", HOUR)
    states = {line["Dataset"]: line["State"] for line in _ask("operations", "lateness", rows)}
    assert states == {"users": "overdue", "groups": "was overdue"}


def test_the_last_run_of_one_tenant_only() -> None:
    def ended(tenant: str, state: str, age: timedelta) -> list[Row]:
        return metric_rows(RUNS, [1], age, tenant_id=tenant, dataset="users", state=state)

    rows = ended("a", "failed", 2 * HOUR) + ended("a", "ok", HOUR) + ended("b", "failed", HOUR)
    [line] = _ask("operations", "last-runs", rows, Tenant="a")
    assert (line["State"], line["MinutesAgo"]) == ("ok", 60)


def _alert(rule: str, state: str, taken: timedelta = timedelta()) -> Row:
    began = datetime.now(UTC) - HOUR
    essentials = {
        "alertRule": f"{rule}/providers/microsoft.insights/scheduledQueryRules/alert-queue-age",
        "alertState": state,
        "severity": "Sev2",
        "monitorCondition": "Fired",
        "startDateTime": began.isoformat(),
        "lastModifiedDateTime": (began + taken).isoformat(),
    }
    columns = {
        "type": "microsoft.alertsmanagement/alerts",
        "properties": {"essentials": essentials},
    }
    return Row("alertsmanagementresources", columns)


def test_time_to_acknowledge_counts_our_alerts_that_were_taken_up() -> None:
    rows = [
        _alert(GROUP.lower(), "Acknowledged", timedelta(minutes=10)),
        _alert(GROUP, "Closed", timedelta(minutes=30)),
        _alert(GROUP, "New", timedelta(minutes=50)),
        _alert(f"{GROUP}2", "Acknowledged", timedelta(minutes=55)),
    ]
    [line] = _ask("sla", "time-to-acknowledge", rows)
    assert (line["TakenUp"], line["NotTakenUp"], line["MeanMinutes"]) == (2, 1, 20)
    assert sum(line["Alerts"] for line in _ask("sla", "incidents", rows)) == 3
