"""`kanri up` from the first collection to Ctrl-C, and afresh with `--reset`."""

import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from shared.core.registry import datasets
from tests.infra.cli.kanri import kanri, started
from tests.infra.local.processes import descendants, gone_within

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def _until_it_runs(up: subprocess.Popen[str]) -> dict[str, str]:
    """Read the summary; return its links (`API`, `API key`, `Tenant` ...)."""
    links: dict[str, str] = {}
    assert up.stdout is not None
    for line in up.stdout:
        name, found, value = line.strip().partition(": ")
        if found:
            links[name] = value
        if name == "Settings":
            return links
    raise AssertionError(f"it ended with {up.wait(60)}: {up.stderr.read() if up.stderr else ''}")


def _ledger(links: dict[str, str]) -> list[dict[str, Any]]:
    url = f"{links['API']}/tenants/{links['Tenant']}/ledger?top=200"
    request = urllib.request.Request(url, headers={"x-api-key": links["API key"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        runs: list[dict[str, Any]] = json.load(answer)["runs"]
        return runs


def _ctrl_c(up: subprocess.Popen[str]) -> None:
    """Interrupt it; neither it nor anything below it may be left."""
    children = descendants(up.pid)
    names = [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in children]
    workers = [name for name in names if "infra.local.host.worker" in name]
    assert len(workers) >= 2, "the workers of the HTTP functions and of the collect queue"
    os.kill(up.pid, signal.SIGINT)
    _, errors = up.communicate(timeout=90)
    assert up.returncode == 0, errors
    assert gone_within(60, children)
    assert "Traceback" not in errors


def test_up_collects_stays_ends_with_everything_it_started_and_starts_afresh(
    tmp_path: Path,
) -> None:
    folder = ("--work-dir", str(tmp_path / "work"))
    with started("up", "--users", "50", *folder) as up:
        links = _until_it_runs(up)
        assert sorted(run["dataset"] for run in _ledger(links)) == list(datasets())
        _ctrl_c(up)
    assert not (tmp_path / "work" / "lock").exists()
    refused = kanri("up", "--users", "60", *folder)
    assert (refused.returncode, "--reset" in refused.stderr) == (2, True)
    with started("up", "--reset", "--users", "60", *folder) as up:
        links = _until_it_runs(up)
        runs = _ledger(links)
        assert sorted(run["dataset"] for run in runs) == list(datasets()), "nothing of before"
        [users] = [run["rows"] for run in runs if run["dataset"] == "users"]
        assert users >= 60
        _ctrl_c(up)
