"""A declaration of any kind is one new file: tried in a copy of the tree that has one of each more."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.registry import of
from shared.core.settings import Settings
from shared.core.work import WORKS
from tests.catalog.grown import ADDED, NAMES, environment, grow
from tests.catalog.kinds import every_kind
from tests.fixtures.children import run_child

# What holds of whatever a scan finds. Of the tests that need a database or Graph, those of the added
# declarations: the others have been run on the tree itself.
CONTRACTS = (
    "tests/catalog",
    "tests/core/test_labelled_values.py",
    "tests/core/test_question.py",
    "tests/render/test_formats.py",
)

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy."""
    tree = tmp_path_factory.mktemp("grown")
    grow(tree)
    return tree


def in_copy(tree: Path, *command: str, **given: str) -> Mapping[str, Any]:
    """Run a journey in the copy; return what it found."""
    done = run_child(
        [sys.executable, "-m", *command],
        cwd=tree,
        env=environment(**given),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["here"], "the copy was tested"
    return found


def test_one_of_each_kind_is_added() -> None:
    folders = {file.relative_to(ADDED).parent.as_posix() for file in ADDED.rglob("*.py.txt")}
    for kind in every_kind():
        package = kind.package.replace(".", "/")
        assert any(f"{folder}/".startswith(f"{package}/") for folder in folders), kind.package


def test_a_collector_a_report_and_a_format_are_one_file_each(
    tree: Path, empty_database: str, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    ready = msgspec.json.encode(sandbox).decode()
    found = in_copy(tree, "tests.catalog.journey", OWNER_URL=empty_database, SANDBOX_READY=ready)
    assert found["state"] == "ok"
    assert found["refused"] == [False, 403, "permission_missing"]
    assert found["allowed"] == [True, 200, None]
    assert found["collected"] == found["reported"] == found["written"] == found["truth"] != []


def test_a_kind_of_work_is_one_file(tree: Path, app_settings: Settings) -> None:
    found = in_copy(tree, "tests.usecases.journey", APP_URL=app_settings.database_url)
    assert found["kinds"] == sorted([*of(WORKS), "tidy"])
    assert found["told"] == [
        ["room.tidy", "attic", "begun"],
        ["room.tidy", "attic", "done"],
        ["room.tidy", "garage", "message_poisoned"],
    ]
    assert found["parts"] == [0, 1], "it went on from the place that it returned"
    assert found["ended"] == [
        ["attic", "ok", 2, None],
        ["garage", "failed", 1, "message_poisoned"],
    ]
    assert found["lost"] == [["cellar", True]], "and what has ended waits for the next event"
    assert found["letters"] == ["message_poisoned"]


@pytest.mark.slow
@pytest.mark.timeout(960)
def test_every_contract_holds_with_them(tree: Path) -> None:
    """No test has a list of its own of what there is."""
    chosen = ["-k", " or ".join((*NAMES, "not stack"))]
    options = ["-n", "0", "-p", "no:cacheprovider", "-vv", "--no-header"]
    without = ["--deselect", "tests/catalog/test_one_file.py"]
    done = run_child(
        [sys.executable, "-m", "pytest", *CONTRACTS, *chosen, *options, *without],
        timeout=900,
        cwd=tree,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    for name in NAMES:
        passed = [line for line in done.stdout.splitlines() if f"[{name}" in line]
        assert passed, f"no contract was tried on {name}"
