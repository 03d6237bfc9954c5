"""The host started as Core Tools are: in the app's folder, configured by the environment."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.kanri import COMMAND
from tests.fixtures.children import end_child
from tests.host.running_host import APPS, BYTECODE, ROOT, eventually, unique

pytestmark = pytest.mark.stack
TIME = r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "
"""What suites written for Core Tools cut off before they compare a line."""


# `func` is run by this interpreter: which python3 is on the PATH is not the test's concern.
FUNC = (sys.executable, str(ROOT / "infra/local/host/func"))


@pytest.mark.parametrize("tool", [FUNC, COMMAND], ids=["func", "kanri"])
def test_core_tools_form(azurite: str, tmp_path: Path, tool: tuple[str, ...]) -> None:
    app = shutil.copytree(APPS / "web_app", tmp_path / "app")
    (app / "local.settings.json").write_text(
        '\ufeff{"IsEncrypted": false, "Values": {"FROM_FILE": 1, "BOTH": "file", "NO": null}}'
    )
    environment = {
        **os.environ,
        **BYTECODE,
        "AzureWebJobsStorage": azurite,
        "AzureFunctionsWebHost__hostid": unique("tools"),
        "BOTH": "environment",
    }
    command = [*tool, "host", "start"]
    log_file = tmp_path / "log"
    with log_file.open("wb") as log:
        host = subprocess.Popen(
            [*command, "--verbose", "--port", "0"], cwd=app, env=environment, stdout=log, stderr=log
        )

    def address() -> str | None:
        text = log_file.read_text()
        return text.partition("Now listening on: ")[2].split("\n")[0] if "started" in text else None

    try:
        base = eventually(address, 30)
        with urllib.request.urlopen(f"{base}/api/keyed", timeout=10) as answer:
            assert answer.read() == b"open"  # no key asked for
        with urllib.request.urlopen(f"{base}/api/setting/BOTH", timeout=10) as answer:
            assert answer.read() == b"environment"
        with urllib.request.urlopen(f"{base}/api/setting/FROM_FILE", timeout=10) as answer:
            assert answer.read() == b"1"
        with urllib.request.urlopen(f"{base}/api/setting/NO", timeout=10) as answer:
            assert answer.read() == b""
        with urllib.request.urlopen(f"{base}/api/talk", timeout=10) as answer:
            assert answer.read() == b"OK"
    finally:
        host.send_signal(signal.SIGINT)
        try:
            assert host.wait(60) == 0
        finally:
            end_child(host)
    assert f"\ta_thing: [GET] {base}/api/things/{{id}}" in log_file.read_text()
    lines = re.sub(TIME, "", log_file.read_text(), flags=re.MULTILINE).splitlines()
    said = {"one line", "and another", "printed", " of the worker"}
    assert said <= set(lines)
