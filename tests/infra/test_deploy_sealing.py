"""The key that the app seals with is made once, by whoever deploys, and shown to nobody."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from infra.deploy.sealing import SECRET, ensure_key
from shared.core.sealing import named_keys
from shared.core.settings import read_settings
from tests.core.azure_settings import AZURE
from tests.infra.declarations import ROOT, bicep

VAULT, SITE = "/subscriptions/s/vaults/kv", "/subscriptions/s/sites/func"

# Notes its words and what it is given, and ends as the test says for `show`.
_AZ = """#!/bin/sh
echo "$*" >> {log}
case "$*" in
  *"resource show"*) exit {shown};;
  *"resource create"*) cat > {given};;
esac
"""


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


def azure_answers(folder: Path, shown: int) -> None:
    tool = folder / "az"
    text = _AZ.format(log=folder / "log", given=folder / "given", shown=shown)
    tool.write_text(text, encoding="utf-8")
    tool.chmod(0o755)


def test_a_key_that_is_missing_is_made_and_looked_for_again(azure: Path) -> None:
    azure_answers(azure, shown=3)
    assert ensure_key(VAULT, SITE)
    log = (azure / "log").read_text(encoding="utf-8")
    show, create, refresh = log.splitlines()
    assert f"--id {VAULT}/secrets/{SECRET} " in show
    assert f"--id {VAULT}/secrets/{SECRET} --properties @-" in create
    assert f"{SITE}/config/configreferences/appsettings/refresh" in refresh
    made = json.loads((azure / "given").read_text(encoding="utf-8"))["value"]
    assert read_settings(AZURE | {"KANRI_SEALING_KEYS": made}).sealing_keys == made
    [key] = named_keys(made).values()
    assert key not in log


def test_a_key_that_is_there_stays(azure: Path) -> None:
    azure_answers(azure, shown=0)
    assert not ensure_key(VAULT, SITE)
    assert len((azure / "log").read_text(encoding="utf-8").splitlines()) == 1


def test_a_vault_that_does_not_answer_is_given_no_key(azure: Path) -> None:
    azure_answers(azure, shown=1)
    with pytest.raises(subprocess.CalledProcessError):
        ensure_key(VAULT, SITE)
    assert not (azure / "given").exists()


def test_the_template_tells_where_the_key_is_and_the_app_where_to_find_it() -> None:
    main = bicep("main.bicep")
    source = (ROOT / "infra/deploy/sealing.py").read_text(encoding="utf-8")
    outputs = set(re.findall(r"^output (\w+) ", main, re.MULTILINE))
    assert set(re.findall(r'environ\["(\w+)"\]', source)) <= outputs
    assert f"SecretName={SECRET})" in main
