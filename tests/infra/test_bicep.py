"""The Bicep files are sound: by the house's checker where it is, by a parser from PyPI, by our rules.

The seeded mistakes show that a checker that runs here would see them.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lark.exceptions import LarkError
from pycep import BicepParser

from tests.fixtures.children import run_child
from tests.infra.declarations import INFRA, ROOT

CHECKER = ROOT.parent / "shared" / "tools" / "bicep_check" / "check.py"
FILES = sorted(INFRA.rglob("*.bicep"))
needs_checker = pytest.mark.skipif(
    not CHECKER.exists(), reason="bicep_check is not beside the tree"
)

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "storageBlobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "storageQueueDataContributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "storageTableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "keyVaultSecretsUser": "4633458b-17de-408a-b874-0445c86b69e6",
    "monitoringMetricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
}


def _check(folder: Path) -> subprocess.CompletedProcess[str]:
    return run_child(
        [sys.executable, str(CHECKER), "--strict", str(folder)], capture_output=True, text=True
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of `infra`'s declarations to make a mistake in."""
    ignore = shutil.ignore_patterns("*.py", "local", "cli", "package", "grants", "deploy")
    return Path(shutil.copytree(INFRA, tmp_path / "infra", ignore=ignore))


def _seed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@needs_checker
def test_the_checker_finds_nothing() -> None:
    result = _check(INFRA)
    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines()[-1].endswith("0 errors, 0 warnings")


@needs_checker
@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        (
            "modules/roles.bicep",
            ROLES["storageQueueDataContributor"],
            "8a0f0c08-91a1-4084-bc3d-661d67233fed",
            "role-id",
        ),
        (
            "modules/monitor.bicep",
            "output workspaceId string = workspace.id",
            "output workspaceId string = workspace.listKeys().primarySharedKey",
            "outputs-should-not-contain-secrets",
        ),
        (
            "modules/alerts.bicep",
            "loadTextContent('../alerts/queue-age.kql')",
            "loadTextContent('../alerts/queue-agee.kql')",
            "BCP091",
        ),
        (
            "modules/functionapp.bicep",
            "OTEL_SERVICE_NAME: 'kanri'",
            "FUNCTIONS_WORKER_RUNTIME: 'python'",
            "flex",
        ),
        ("main.bicep", "storage.outputs.name", "storage.outputs.nam", "BCP053"),
    ],
)
def test_the_checker_sees_a_seeded_mistake(
    copy: Path, file: str, old: str, new: str, finding: str
) -> None:
    _seed(copy / file, old, new)
    result = _check(copy)
    assert result.returncode == 1
    assert f"[{finding}]" in result.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_parser_from_pypi_reads_the_file(path: Path) -> None:
    assert BicepParser().parse(text=path.read_text(encoding="utf-8"))


def test_the_parser_refuses_what_is_no_bicep() -> None:
    with pytest.raises(LarkError):
        BicepParser().parse(text="resource storage = {")


def test_the_roles_are_the_ones_they_are_called() -> None:
    text = (INFRA / "modules" / "roles.bicep").read_text(encoding="utf-8")
    assert dict(re.findall(r"^  (\w+): '([0-9a-f-]{36})'$", text, flags=re.MULTILINE)) == ROLES


def test_no_output_is_a_secret_and_no_secret_has_a_default() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for name, value in re.findall(r"^output (\w+) \S+ = (.*)$", text, flags=re.MULTILINE):
            assert not re.search(r"list\w*\(|[Pp]assword|[Ss]ecret", f"{name} {value}"), path.name
        for default in re.findall(r"@secure\(\)\nparam \w+ string(.*)$", text, flags=re.MULTILINE):
            assert default in {"", " = ''"}, path.name


def test_every_module_is_used_and_every_file_says_what_it_is() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in FILES}
    used = {name for text in texts.values() for name in re.findall(r"([a-z-]+\.bicep)'", text)}
    assert {path.name for path in FILES} - {"main.bicep"} == used
    assert all(text.startswith("// ") for text in texts.values())


def test_azd_and_both_environments_give_the_same_parameters() -> None:
    required = set(
        re.findall(r"^param (\w+) [^=]+$", (INFRA / "main.bicep").read_text(), re.MULTILINE)
    )
    for name in ("main.bicepparam", "main.dev.bicepparam", "main.prod.bicepparam"):
        given = set(re.findall(r"^param (\w+) =", (INFRA / name).read_text(), re.MULTILINE))
        assert required <= given, name
