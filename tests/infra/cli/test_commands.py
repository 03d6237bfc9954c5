"""The command line as a user meets it: help, usage errors, exit codes."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.work_lock import WorkLock
from tests.infra.cli.kanri import kanri


def test_help_lists_every_command_in_the_language_of_the_terminal() -> None:
    english = kanri("--help").stdout
    assert all(
        f" {name} " in english
        for name in ("up", "demo", "host", "clock", "import", "version", "audit")
    )
    assert "バージョンを表示します。" in kanri("--help", language="ja_JP.UTF-8").stdout


def test_version_names_the_parts() -> None:
    result = kanri("version")
    assert result.returncode == 0
    assert result.stdout.startswith("kanri ")
    assert "azure-functions-runtime 1.3.0" in result.stdout


def test_the_time_of_a_stack_is_moved_forward_only(tmp_path: Path) -> None:
    moved = kanri("clock", "30", "--work-dir", str(tmp_path))
    assert (moved.returncode, moved.stderr) == (0, "")
    told = datetime.fromisoformat(moved.stdout.strip())
    assert timedelta(days=29) < told - datetime.now(UTC) < timedelta(days=31)
    assert float((tmp_path / "clock").read_text()) == 30 * 86400
    assert kanri("clock", "--work-dir", str(tmp_path), "--", "-1").returncode == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["up", "--users", "3"], "--users"),
        (["demo", "--frobnicate"], "--frobnicate"),
        (["host", "--settings", "/nonexistent/settings.json"], "no settings file"),
        (["demo", "--tenant", "/nonexistent/tenant.json"], "cannot be used"),
        (["demo", "--database", "mysql://u:PASSWORD@127.0.0.1/x"], "postgresql://owner:password"),
        (["demo", "--database", "postgresql://u:PASSWORD@127.0.0.1:1/x"], "Connection refused"),
        (["demo", "--database", "postgresql://u:PASS%WORD@127.0.0.1/x"], "cannot be used"),
        (["demo", "--storage", "PASSWORD"], "whole connection string"),
        (["demo", "--storage", "AccountName=PASSWORD;AccountKey=x"], "whole connection string"),
        (["demo", "--check", "contoso"], "URL of a deployment"),
        (["import", "x.csv", "--tenant", "t"], "KANRI_API_KEY has no API key"),
        (["demo", "--users", "50", "--work-dir", "/proc/kanri"], "/proc/kanri"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_why(words: list[str], why: str) -> None:
    result = kanri(*words)
    assert result.returncode == 2
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    assert "PASS" not in result.stderr
    assert result.stdout == ""


def test_a_port_that_is_taken_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = kanri("up", "--port", port, "--work-dir", str(tmp_path / "work"))
    assert result.returncode == 2
    assert f"Port {port} is taken" in result.stderr
    assert not (tmp_path / "work").exists()


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
