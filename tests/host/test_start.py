"""Starting and failing to start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.host.errors import HostError
from infra.local.host.options import HostOptions
from infra.local.host.settings import load_settings
from tests.fixtures.children import end_child
from tests.host.conftest import StartHost
from tests.host.running_host import APPS, BYTECODE, ROOT, eventually, exists


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
    with pytest.raises(HostError, match=r"settings\.json"):
        load_settings(HostOptions(app=APPS / "web_app", settings=settings))


def test_a_host_that_cannot_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.local.host", "host", "start", "--port", "0"]
    ended = subprocess.run(
        [*command, "--app", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
        env={**os.environ, **BYTECODE},
    )
    assert ended.returncode == 1
    assert "host.json" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_a_host_whose_app_hangs_at_import_can_be_stopped(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-m", "infra.local.host", "host", "start", "--port", "0"]
    host = subprocess.Popen(
        [*command, "--app", str(tmp_path)], cwd=ROOT, env={**os.environ, **BYTECODE}
    )
    try:
        worker = eventually(lambda: begun.read_text() if begun.exists() else None, 30)
        host.send_signal(signal.SIGTERM)
        assert host.wait(60) == 0
        assert not exists(int(worker))
    finally:
        end_child(host)
