"""Starting and failing to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.host.conftest import StartHost
from tests.host.running_host import APPS, BYTECODE, ROOT


def start(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.local.host", "host", "start", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        env={**os.environ, **BYTECODE},
    )


@pytest.mark.stack
def test_an_app_that_cannot_be_imported_serves_nothing_but_the_host_stays(
    start_host: StartHost,
) -> None:
    host = start_host("broken_app", {})
    assert host.ready["functions"] == []
    assert "wrong at import" in host.log()
    assert host.call("GET", "/api/fine").status == 404
    assert host.call("GET", "/admin/host/ping").status == 200
    assert host.stop() == 0


@pytest.mark.parametrize("content", ["not json", "[]", '{"Values": []}', '{"IsEncrypted": true}'])
def test_a_bad_settings_file_is_named(tmp_path: Path, content: str) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(content)
    ended = start("--app", str(APPS / "web_app"), "--settings", str(settings))
    assert ended.returncode == 1
    assert str(settings) in ended.stdout


def test_a_folder_without_host_json(tmp_path: Path) -> None:
    ended = start("--app", str(tmp_path), "--port", "0")
    assert ended.returncode == 1
    assert "host.json" in ended.stdout
