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

from tests.fixtures.children import end_child
from tests.host.running_host import APPS, BYTECODE, ROOT, eventually, unique
from tests.infra.cli.kanri import COMMAND

pytestmark = pytest.mark.stack
TIME = r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "
"""What suites written for Core Tools cut off before they compare a line."""


# `func` is run by this interpreter: which python3 is on the PATH is not the test's concern.
FUNC = (sys.executable, str(ROOT / "infra/local/host/func"))


# No key is asked for; the environment counts more than the file.
TOLD = {
    "keyed": b"open",
    "setting/BOTH": b"environment",
    "setting/FROM_FILE": b"1",
    "setting/NO": b"",
    "talk": b"OK",
}


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
        for path, told in TOLD.items():
            with urllib.request.urlopen(f"{base}/api/{path}", timeout=10) as answer:
                assert answer.read() == told, path
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
