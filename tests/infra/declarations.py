"""What infrastructure and app declare: alerts, queries of workbooks, names in Bicep, bindings."""

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
ALERTS = INFRA / "alerts"
WORKBOOKS = INFRA / "workbooks"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def bicep(name: str) -> str:
    """Return the text of one Bicep file below `infra`."""
    return (INFRA / name).read_text(encoding="utf-8")


def log_alerts() -> list[dict[str, Any]]:
    """Return the declarations of the log alerts."""
    alerts: list[dict[str, Any]] = read_json(ALERTS / "log-alerts.json")
    return alerts


def alert_names() -> set[str]:
    """Return the name of every alert of every kind, the budget's included."""
    declared = {
        alert["name"]
        for kind in ("log", "metric", "activity")
        for alert in read_json(ALERTS / f"{kind}-alerts.json")
    }
    texts = [path.read_text(encoding="utf-8") for path in sorted(INFRA.rglob("*.bicep"))]
    linked = {name for text in texts for name in re.findall(r"/([a-z-]+)\.md'", text)}
    # A budget and a smart detector rule have no field for a link.
    return declared | linked | {"budget", "failure-anomalies"}


def alert_queries() -> dict[str, str]:
    """Return the query of each log alert by the alert's name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(ALERTS.glob("*.kql"))}


def workbook_items(name: str) -> list[dict[str, Any]]:
    """Return the items of a workbook."""
    items: list[dict[str, Any]] = read_json(WORKBOOKS / f"{name}.json")["items"]
    return items


def workbook_parameters(name: str) -> list[dict[str, Any]]:
    """Return the parameters of a workbook."""
    return [
        parameter
        for item in workbook_items(name)
        if item["type"] == 9
        for parameter in item["content"]["parameters"]
    ]


def workbook_queries(name: str) -> dict[str, str]:
    """Return every query of a workbook by the name of its item or parameter."""
    shown = {
        item["name"]: item["content"]["query"] for item in workbook_items(name) if item["type"] == 3
    }
    asked = {
        parameter["name"]: parameter["query"]
        for parameter in workbook_parameters(name)
        if "query" in parameter
    }
    return shown | asked


def every_query() -> dict[str, str]:
    """Return all queries of alerts and workbooks, the parameters of workbooks filled in."""
    queries = {f"alert {name}": text for name, text in alert_queries().items()}
    for path in sorted(WORKBOOKS.glob("*.json")):
        for name, text in workbook_queries(path.stem).items():
            filled = text.replace("{TimeRange:grain}", "1h").replace("{TimeRange}", "> ago(30d)")
            queries[f"{path.stem} {name}"] = re.sub(r"\{[A-Za-z]+\}", "99.5", filled)
    return queries


def runbook_queries() -> dict[str, str]:
    """Return every query in Kusto that a runbook names, by the page and a number."""
    return {
        f"{path.name} {number}": text
        for path in sorted((ROOT / "docs/runbooks").glob("*.md"))
        for number, text in enumerate(
            re.findall(r"`(\w+ \| [^`]+)`", path.read_text(encoding="utf-8"))
        )
    }
