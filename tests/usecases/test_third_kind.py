"""A kind of work is one new file: tried in a copy of the tree."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from infra.local.repository import ROOT
from shared.core.settings import Settings
from tests.fixtures.children import run_child

pytestmark = pytest.mark.stack


def test_a_kind_of_work_is_one_file(tmp_path: Path, app_settings: Settings) -> None:
    for folder in ("shared", "infra", "tests"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unwanted)
    shutil.copy(
        Path(__file__).with_name("tidy.py.txt"), tmp_path / "shared" / "usecases" / "tidy.py"
    )
    done = run_child(
        [sys.executable, "-m", "tests.usecases.journey"],
        cwd=tmp_path,
        env=os.environ | {"APP_URL": app_settings.database_url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["here"], "the copy was tested"
    assert found["kinds"] == ["collect", "maintain", "tidy"]
    assert found["parts"] == [0, 1], "it went on from the place that it returned"
    assert found["ended"] == [
        ["attic", "ok", 2, None],
        ["garage", "failed", 1, "message_poisoned"],
    ]
    assert found["lost"] == [["cellar", True]], "and what has ended waits for the next event"
    assert found["letters"] == ["message_poisoned"]
