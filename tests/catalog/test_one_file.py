"""A collector, a report, a format is one new file: tried in a copy of the tree."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady

ROOT = Path(__file__).resolve().parents[2]
ADDED = {
    "service_issues.py.txt": "shared/catalog/collectors/service/service_issues.py",
    "incidents.py.txt": "shared/catalog/reports/service/incidents.py",
    "lines.py.txt": "shared/render/lines.py",
}

pytestmark = pytest.mark.stack


def test_a_collector_a_report_and_a_format_are_one_file_each(
    tmp_path: Path,
    postgres_server: Postgres,
    empty_database: str,
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
) -> None:
    for folder in ("functions", "shared", "infra", "tests"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for source, target in ADDED.items():
        (tmp_path / target).parent.mkdir(exist_ok=True)
        shutil.copy(Path(__file__).with_name(source), tmp_path / target)
    ready = msgspec.json.encode(sandbox).decode()
    done = subprocess.run(
        [sys.executable, "-m", "tests.catalog.journey"],
        cwd=tmp_path,
        env=os.environ | {"OWNER_URL": empty_database, "SANDBOX_READY": ready},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["here"], "the copy was tested"
    assert found["state"] == "ok"
    assert found["collected"] == found["reported"] == found["written"] == found["truth"] != []
