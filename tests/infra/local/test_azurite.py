"""Azurite: queues, blobs and tables that survive a restart, under a key of their own."""

import base64
import json
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from infra.local.azurite import Azurite
from infra.local.azurite.install import installed_azurite
from infra.local.errors import StackError
from infra.local.repository import ROOT, WORK_DIR
from tests.fixtures.children import child_process

pytestmark = pytest.mark.stack

_INSTALLER = """
import sys
from pathlib import Path
from infra.local.azurite.install import installed_azurite
tools, source = map(Path, sys.argv[1:])
print(installed_azurite(tools, lambda text: print(text.en), source), flush=True)
"""


def test_without_the_registry_the_installer_says_what_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(StackError) as refused:
        installed_azurite(tmp_path, lambda _: None)
    assert "npm_config_registry" in refused.value.text.en
    assert "ECONNREFUSED" in refused.value.detail
    assert str(tmp_path) not in refused.value.detail
    assert list(tmp_path.iterdir()) == []


def test_queues_blobs_and_tables_answer(azurite: str) -> None:
    with QueueServiceClient.from_connection_string(azurite) as queues:
        queue = queues.create_queue("answers")
        queue.send_message("hello")
        assert [item.content for item in queue.receive_messages()] == ["hello"]
    with BlobServiceClient.from_connection_string(azurite) as blobs:
        container = blobs.create_container("answers")
        container.upload_blob("a", b"1")
        assert container.download_blob("a").readall() == b"1"
    with TableServiceClient.from_connection_string(azurite) as tables:
        table = tables.create_table("answers")
        table.create_entity({"PartitionKey": "a", "RowKey": "b", "n": 1})
        assert table.get_entity("a", "b")["n"] == 1


def test_messages_stay_over_a_restart_and_the_key_too(tmp_path: Path) -> None:
    server = Azurite(tmp_path, tools=WORK_DIR, say=lambda _: None)
    try:
        server.start()
        server.wait_ready()
        with QueueServiceClient.from_connection_string(server.connection_string) as queues:
            queues.create_queue("kept").send_message("hello")
        server.stop()

        server.start()
        server.wait_ready()
        with QueueServiceClient.from_connection_string(server.connection_string) as queues:
            kept = queues.get_queue_client("kept").peek_messages()
        assert [item.content for item in kept] == ["hello"]
    finally:
        server.stop()


def test_the_well_known_key_is_refused(azurite: str) -> None:
    parts = dict(part.split("=", 1) for part in azurite.split(";"))
    parts["AccountKey"] = base64.b64encode(b"somebody else's key").decode()
    other = ";".join(f"{name}={value}" for name, value in parts.items())
    with (
        QueueServiceClient.from_connection_string(other, retry_total=0) as queues,
        pytest.raises((ClientAuthenticationError, HttpResponseError)),
    ):
        queues.create_queue("forbidden")


@pytest.mark.slow
def test_two_installations_at_once_make_one(tmp_path: Path) -> None:
    tools, source = tmp_path / "tools", tmp_path / "source"
    tools.mkdir()
    _write_small_source(source)
    command = [sys.executable, "-c", _INSTALLER, str(tools), str(source)]
    with ExitStack() as ends:
        installers = [
            ends.enter_context(child_process(command, stdout=subprocess.PIPE, text=True, cwd=ROOT))
            for _ in range(2)
        ]
        outputs = [installer.communicate(timeout=300)[0] for installer in installers]
    assert len({output.splitlines()[-1] for output in outputs}) == 1
    assert sum("Installing" in output for output in outputs) == 1
    [made] = tools.iterdir()
    assert made.name.startswith("azurite-")
    assert str(made) == outputs[0].splitlines()[-1]
    assert (made / "node_modules" / "azurite" / "package.json").exists()


def _write_small_source(source: Path) -> None:
    """Write what npm is told: one small package of those that Azurite needs, in its place.

    Azurite itself is installed by the first test of a work tree that needs it.
    """
    source.mkdir()
    real = ROOT / "infra" / "local" / "azurite"
    shutil.copyfile(real / ".npmrc", source / ".npmrc")
    lock = json.loads((real / "package-lock.json").read_text())
    small = lock["packages"]["node_modules/ms"]
    root = {"name": "small", "dependencies": {"azurite": f"npm:ms@{small['version']}"}}
    lock["packages"] = {"": root, "node_modules/azurite": {"name": "ms", **small}}
    (source / "package-lock.json").write_text(json.dumps(lock))
    (source / "package.json").write_text(json.dumps(root))
