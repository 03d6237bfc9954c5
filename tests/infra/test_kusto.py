"""Every query of an alert or workbook parses, and speaks of telemetry that the code emits."""

import re

import pytest

from shared.core.telemetry import Event, Metric, Span
from tests.infra.declarations import every_query, log_alerts, runbook_queries
from tests.infra.node.language_service import Analysis, analyse
from tests.infra.telemetry_contract import EVENTS, METRICS, SPANS

QUERIES = every_query()
CONTRACT: dict[str, tuple[Metric | Span | Event, ...]] = {
    "AppMetrics": METRICS,
    "AppDependencies": SPANS,
    "AppEvents": EVENTS,
}


def _strangers(query: str) -> list[str]:
    """Return what a query asks of our telemetry that the contract does not promise."""
    found = []
    for table, items in CONTRACT.items():
        if not re.search(rf"\b{table}\b", query):
            continue
        declared = {item.name: item for item in items}
        names = re.findall(r'\bName == "([^"]+)"', query)
        found += [f"{table} has no {name}" for name in names if name not in declared]
        if not names:
            found.append(f"{table} is read without a name")
        allowed = {part for name in names if name in declared for part in declared[name].dimensions}
        asked = set(re.findall(r"\bProperties\.(\w+)", query))
        found += [f"{', '.join(names)} has no dimension {part}" for part in asked - allowed]
    return found


@pytest.fixture(scope="module")
def analyses() -> dict[str, Analysis]:
    """What the language service says of every query."""
    return analyse(QUERIES)


def test_every_query_parses_against_the_tables_of_the_workspace(
    analyses: dict[str, Analysis],
) -> None:
    findings = {name: answer.findings for name, answer in analyses.items()}
    assert {name: found for name, found in findings.items() if found} == {}
    assert len(findings) == len(QUERIES) > 30


def test_every_query_of_a_runbook_parses_too() -> None:
    queries = runbook_queries()
    assert len(queries) > 7
    findings = {name: answer.findings for name, answer in analyse(queries).items()}
    assert {name: found for name, found in findings.items() if found} == {}
    assert [
        found for query in queries.values() if "kanri." in query for found in _strangers(query)
    ] == []


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_query_asks_only_for_telemetry_of_the_contract(name: str) -> None:
    assert _strangers(QUERIES[name]) == []


def test_an_alert_measures_and_splits_by_columns_that_its_query_returns(
    analyses: dict[str, Analysis],
) -> None:
    for alert in log_alerts():
        columns = set(analyses[f"alert {alert['name']}"].columns)
        assert {alert["measure"], *alert["dimensions"]} <= columns, alert["name"]


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ("AppRequests | where Sucess == false", "Sucess"),
        ("AppReqests | count", "AppReqests"),
        ("AppMetrics | summarise count()", "operator"),
    ],
)
def test_the_language_service_names_what_is_wrong(query: str, finding: str) -> None:
    findings = analyse({"wrong": query})["wrong"].findings
    assert any(finding in text for text in findings)


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ('AppMetrics | where Name == "kanri.collect.flights"', "kanri.collect.flights"),
        (
            'AppMetrics | where Name == "kanri.schedule.ticks" | project Properties.queue',
            "dimension queue",
        ),
        ("AppMetrics | summarize sum(Sum)", "without a name"),
    ],
)
def test_a_metric_that_the_code_does_not_emit_is_named(query: str, finding: str) -> None:
    assert any(finding in text for text in _strangers(query))
