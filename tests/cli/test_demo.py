"""`kanri demo`, the whole product in one command: every dataset collected, every report answered."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.repository import ROOT
from shared.core import registry

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_a_demo_collects_everything_and_leaves_only_its_data(tmp_path: Path) -> None:
    work, wire_log = tmp_path / "work", tmp_path / "wire.jsonl"
    result = subprocess.run(
        [
            *(sys.executable, "-c", "from infra.cli.main import app; app(prog_name='kanri')"),
            *("demo", "--users", "50", "--json"),
            *("--work-dir", str(work), "--wire-log", str(wire_log)),
        ],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
    )
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
