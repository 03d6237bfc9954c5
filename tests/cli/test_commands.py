"""The command line as a user meets it: help, usage errors, exit codes."""

import json
import os
from pathlib import Path

import pytest

from infra.local.work_lock import WorkLock
from tests.cli.kanri import kanri


def test_help_lists_every_command_in_the_language_of_the_terminal() -> None:
    english = kanri("--help").stdout
    assert all(f" {name} " in english for name in ("up", "demo", "host", "version"))
    assert "バージョンを表示します。" in kanri("--help", language="ja_JP.UTF-8").stdout


def test_version_names_the_parts() -> None:
    result = kanri("version")
    assert result.returncode == 0
    assert result.stdout.startswith("kanri ")
    assert "azure-functions-runtime 1.3.0" in result.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["up", "--users", "3"], "--users"),
        (["demo", "--frobnicate"], "--frobnicate"),
        (["host", "--settings", "/nonexistent/settings.json"], "no settings file"),
        (["demo", "--tenant", "/nonexistent/tenant.json"], "cannot be used"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_why(words: list[str], why: str) -> None:
    result = kanri(*words)
    assert result.returncode == 2
    assert why in result.stderr
    assert result.stdout == ""


def test_users_and_tenant_exclude_each_other(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    file.write_text(json.dumps({"tenantId": "t", "clientId": "c", "clientSecret": "s"}))
    result = kanri("demo", "--tenant", str(file), "--users", "100")
    assert result.returncode == 2
    assert "--tenant" in result.stderr


def test_a_second_start_on_the_same_folder_says_that_one_is_running(tmp_path: Path) -> None:
    with WorkLock(tmp_path / "lock"):
        result = kanri("up", "--work-dir", str(tmp_path))
    assert result.returncode == 2
    assert f"already running on {tmp_path} (process {os.getpid()})" in result.stderr
