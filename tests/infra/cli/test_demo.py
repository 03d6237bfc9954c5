"""`kanri demo`, the whole product in one command: every dataset collected, every report answered."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.core import registry
from tests.infra.cli.kanri import kanri

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_a_demo_collects_everything_and_leaves_only_its_data(tmp_path: Path) -> None:
    work, wire_log = tmp_path / "work", tmp_path / "wire.jsonl"
    words = ("--users", "50", "--json", "--work-dir", str(work), "--wire-log", str(wire_log))
    result = kanri("demo", *words)
    assert result.returncode == 0, result.stdout + result.stderr
    summary = json.loads(result.stdout)
    assert summary["ok"] is True
    states = {item["dataset"]: item["state"] for item in summary["datasets"]}
    assert states == dict.fromkeys(registry.datasets(), "ok")
    rows = {item["dataset"]: item["rows"] for item in summary["datasets"]}
    assert rows["users"] >= 50
    assert {item["report"] for item in summary["reports"]} == set(registry.report_keys())
    exchanges = [json.loads(line) for line in wire_log.read_text().splitlines()]
    assert any("/users/delta" in exchange["url"] for exchange in exchanges)
    assert not (work / "lock").exists()
    _assert_discreet(work, exchanges, result.stderr)


def _assert_discreet(work: Path, exchanges: list[dict[str, Any]], errors: str) -> None:
    """No log holds a secret of the stack or the name of a person whom Graph told about."""
    logs = {file.name: file.read_text() for file in (work / "logs").iterdir()}
    assert '"event": "run_finished"' in logs["host.log"]
    values = json.loads((work / "local.settings.json").read_text())["Values"]
    words = {value for exchange in exchanges for value in _people(exchange["response_body"])}
    assert len(words) > 100
    words |= {values["KANRI_CLIENT_SECRET"], urlsplit(values["KANRI_DATABASE_URL"]).password or ""}
    words |= {part for part in values["AzureWebJobsStorage"].split(";") if "Key=" in part}
    words |= {"eyJ", "Bearer ", "kanri_test_", (work / "postgres" / "password").read_text()}
    for name, text in {**logs, "stderr": errors}.items():
        told = [word for word in words if word in text]
        assert told == [], name


def _people(body: object) -> set[str]:
    """Names and addresses in a page of users: what a log must not hold."""
    if not isinstance(body, dict):
        return set()
    rows = [row for row in body.get("value", []) if isinstance(row, dict)]
    return {
        row[name]
        for row in rows
        if "userPrincipalName" in row
        for name in ("userPrincipalName", "displayName", "mail")
        if row.get(name)
    }
