"""What the pipeline's identities may do, by running the page's commands on an `az` that only notes them."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.fixtures.children import run_child
from tests.infra.declarations import INFRA, ROOT

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
DEPLOY = (ROOT / ".github/workflows/deploy.yml").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / ".github/workflows/deploy-environment.yml").read_text(encoding="utf-8")
TARGETS = ["dev", "staging", "prod"]
_SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"

# Notes its words; answers an identity's principal id by its name, and the subscription's id.
_AZ = """#!{python}
import json, os, sys
words = sys.argv[1:]
with open(os.environ["NOTED"], "a") as noted:
    noted.write(json.dumps(words) + "\\n")
if words[:2] == ["account", "show"]:
    print("11111111-1111-1111-1111-111111111111")
if words[:2] == ["identity", "create"]:
    print(words[words.index("--name") + 1])
"""


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The words of each call of `az` that the pipeline's script makes."""
    folder = tmp_path_factory.mktemp("az")
    tool = folder / "az"
    tool.write_text(_AZ.replace("{python}", sys.executable))
    tool.chmod(0o755)
    [script] = [
        block
        for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        if "id-pipeline-" in block
    ]
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    calls = folder / "calls"
    run_child(
        ["bash", "-eu", "-c", script],
        env={**environment, "NOTED": str(calls)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return [json.loads(line) for line in calls.read_text().splitlines()]


def _option(call: list[str], name: str) -> str:
    return call[call.index(name) + 1]


def _assignments(noted: list[list[str]], identity: str) -> set[tuple[str, str]]:
    """Role and scope of everything that is given to an identity of the pipeline."""
    return {
        (_option(call, "--role"), _option(call, "--scope").removeprefix(_SUBSCRIPTION))
        for call in noted
        if call[:3] == ["role", "assignment", "create"]
        and _option(call, "--assignee-object-id") == f"id-pipeline-{identity}"
    }


@pytest.mark.parametrize("target", TARGETS)
def test_an_identity_changes_its_own_resource_group_and_nothing_else(
    noted: list[list[str]], target: str
) -> None:
    group = f"/resourceGroups/rg-kanri-{target}"
    assert _assignments(noted, target) == {
        ("Kanri deployments", ""),
        ("Contributor", group),
        ("Role Based Access Control Administrator", group),
    }
    assert _assignments(noted, f"plan-{target}") == {("Kanri plan", ""), ("Reader", group)}


def test_roles_on_the_subscription_let_send_templates_and_change_nothing(
    noted: list[list[str]],
) -> None:
    roles: dict[str, Any] = {}
    for call in noted:
        if call[:3] == ["role", "definition", "create"]:
            role = json.loads(_option(call, "--role-definition"))
            roles[role["Name"]] = set(role["Actions"])
    assert set(roles) == {"Kanri plan", "Kanri deployments"}
    assert roles["Kanri deployments"] - roles["Kanri plan"] == {
        "Microsoft.Resources/deployments/write"
    }
    for action in roles["Kanri plan"]:
        assert re.fullmatch(
            r"Microsoft\.Resources/(subscriptions|deployments(/\w+)?)/(read|validate/action)"
            r"|Microsoft\.Resources/deployments/(validate|whatIf)/action",
            action,
        ), action


def test_who_may_hand_out_roles_hands_out_those_of_the_template_only(
    noted: list[list[str]],
) -> None:
    for call in noted:
        if "Role Based Access Control Administrator" in call:
            assert "ForAnyOfAnyValues:GuidEquals" in _option(call, "--condition")


def test_an_identity_is_lent_to_its_own_environment_only(noted: list[list[str]]) -> None:
    subjects = {
        _option(call, "--identity-name"): _option(call, "--subject")
        for call in noted
        if call[:2] == ["identity", "federated-credential"]
    }
    assert subjects == {
        f"id-pipeline-{name}": f"repo:OWNER/REPOSITORY:environment:{name}"
        for target in TARGETS
        for name in (target, f"plan-{target}")
    }


def test_only_main_deploys_and_prod_comes_after_staging() -> None:
    for text in (DEPLOY, ENVIRONMENT):
        assert re.search(r"^    if: github\.ref == 'refs/heads/main'", text, re.MULTILINE)
    needs = re.findall(r"^  (\w+):\n    needs: (\w+)$", DEPLOY, re.MULTILINE)
    assert needs == [("dev", "package"), ("staging", "dev"), ("prod", "staging")]
    rules = PAGE.split("hold the second half of the fence")[1]
    assert "for name in dev staging prod; do" in rules
    assert "deployment-branch-policies" in rules
    assert '"prevent_self_review": true' in rules


@pytest.mark.parametrize("target", ["staging", "prod"])
def test_what_people_rely_on_is_protected_by_default(target: str) -> None:
    text = (INFRA / f"main.{target}.bicepparam").read_text(encoding="utf-8")
    assert "param frontDoor = empty(frontDoorWish) ? !isPrivate : frontDoorWish == 'true'" in text
    assert "param privateApi = isPrivate" in text
    for name in ("KANRI_FRONT_DOOR", "KANRI_PRIVATE_API"):
        assert f"readEnvironmentVariable('{name}', '')" in text
        assert f"{name}: ${{{{ vars.{name} }}}}" in ENVIRONMENT


def test_the_size_production_is_protected_by_default() -> None:
    template = (INFRA / "main.bicep").read_text(encoding="utf-8")
    assert "param frontDoor bool = size == 'production' && !privateApi" in template
