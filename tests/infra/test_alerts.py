"""Every alert has a severity, a query or metric, and a runbook that says what to do."""

import re

import pytest

from shared.core.registry import of
from shared.core.watch import WATCHES
from tests.infra.declarations import (
    ALERTS,
    INFRA,
    ROOT,
    alert_names,
    alert_queries,
    bicep,
    log_alerts,
    read_json,
)

RUNBOOKS = ROOT / "docs" / "runbooks"
# https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index, and what Flex Consumption
# emits of the metrics of a site.
METRICS = {
    "Microsoft.Web/sites": {"Http5xx", "InstanceCount"},
    "Microsoft.DBforPostgreSQL/flexibleServers": {
        "is_db_alive",
        "cpu_percent",
        "memory_percent",
        "storage_percent",
        "active_connections",
        "connections_failed",
        "deadlocks",
    },
    "Microsoft.Storage/storageAccounts": {"Availability", "Transactions"},
    "Microsoft.KeyVault/vaults": {"Availability"},
}

WATCHED = {watch.alert: watch for watch in of(WATCHES).values()}
ALL = alert_names() | set(WATCHED)


def test_each_log_alert_has_its_query_and_is_wired_in() -> None:
    names = {alert["name"] for alert in log_alerts()}
    assert names == set(alert_queries())
    wired = set(re.findall(r"alerts/([a-z-]+)\.kql", bicep("modules/alerts.bicep")))
    assert names == wired


@pytest.mark.parametrize("alert", read_json(ALERTS / "metric-alerts.json"), ids=lambda a: a["name"])
def test_a_metric_alert_watches_a_metric_that_its_resource_has(alert: dict[str, str]) -> None:
    assert alert["metric"] in METRICS[alert["namespace"]]


def test_severities_go_from_critical_to_informational() -> None:
    for kind in ("log", "metric"):
        for alert in read_json(ALERTS / f"{kind}-alerts.json"):
            assert alert["severity"] in range(4), alert["name"]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == ALL


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_runbook_says_what_it_means_how_to_see_it_and_how_to_fix_it(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings == ["What it means", "How to see it", "How to fix it"]
    assert all(
        len(part.strip()) > 40 for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    )


@pytest.mark.parametrize("name", sorted(alert_names() & set(WATCHED)))
def test_what_kanri_watches_itself_has_the_threshold_that_azure_monitor_has(name: str) -> None:
    (declared,) = (
        alert
        for kind in ("log", "metric")
        for alert in read_json(ALERTS / f"{kind}-alerts.json")
        if alert["name"] == name
    )
    watch = WATCHED[name]
    assert watch.severity == declared["severity"]
    if declared["operator"] == "GreaterThan":
        assert watch.threshold == declared["threshold"]
    else:  # no tick in half an hour: as long without a claim
        assert (watch.threshold, declared["window"]) == (1800, "PT30M")


def test_what_kanri_watches_itself_is_most_of_what_is_stored() -> None:
    both = alert_names() & set(WATCHED)
    assert {"poison-messages", "dataset-overdue", "sign-ins-blocked", "no-heartbeat"} <= both
    assert set(WATCHED) - both == {"audit-unverified", "stage-budgets"}


def test_the_page_lists_what_kanri_watches_itself() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \|", page.split("## Alerts")[1], flags=re.MULTILINE)
    assert listed == sorted(WATCHED)


def test_every_alert_calls_the_action_group() -> None:
    for path in sorted(INFRA.rglob("*.bicep")):
        text = path.read_text(encoding="utf-8")
        rules = len(
            re.findall(
                r"'Microsoft.Insights/(?:metricAlerts|scheduledQueryRules|activityLogAlerts)@", text
            )
        )
        assert text.count("runbook: '") == rules, path.name
