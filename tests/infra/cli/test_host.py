"""`kanri host --settings FILE`: only the host, on what the file names."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.database import prepare_database
from infra.local.ports import free_port
from infra.local.sandbox_process import SandboxReady
from infra.local.settings_file import write_settings
from infra.local.tenant_file import sandbox_login
from tests.infra.cli.kanri import started
from tests.infra.local.processes import descendants, gone_within

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def _answer(url: str, key: str = "") -> dict[str, object]:
    """The JSON at `url`, asked for until the host serves."""
    request = urllib.request.Request(url, headers={"x-api-key": key})
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_the_host_serves_what_the_file_names_until_ctrl_c(
    tmp_path: Path, sandbox: SandboxReady, empty_database: str, fresh_storage: Callable[[], str]
) -> None:
    database = prepare_database(empty_database)
    settings, port = tmp_path / "settings.json", free_port()
    write_settings(
        settings,
        login=sandbox_login(sandbox),
        sandbox=True,
        database_url=database.app_url,
        storage=fresh_storage(),
    )
    with started("host", "--settings", str(settings), "--port", str(port)) as host:
        try:
            url = f"http://127.0.0.1:{port}/api"
            assert _answer(f"{url}/health/live")
            assert _answer(f"{url}/v1/tenants", database.api_key)["tenants"] == []
            children = descendants(host.pid)
            assert children, "the worker of the HTTP functions"
        finally:
            os.kill(host.pid, signal.SIGINT)
            _, errors = host.communicate(timeout=60)
    assert host.returncode == 0, errors
    assert gone_within(60, children)
    assert "Traceback" not in errors
