"""The whole stack: starts, keeps its data, excludes a second one, leaves nothing when killed."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psycopg
import pytest

from infra.local.database import prepare_database
from infra.local.errors import AlreadyRunning
from infra.local.repository import ROOT
from infra.local.stack import RunningStack, Stack, StackOptions
from tests.fixtures.children import child_process
from tests.infra.local.processes import alive, descendants, gone_within

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_STACK = """
import sys, time
from pathlib import Path
from infra.local.database import prepare_database
from infra.local.stack import Stack, StackOptions
options = StackOptions(work_dir=Path(sys.argv[1]), users=50, prepare_database=prepare_database)
stack = Stack(options, lambda text: None)
stack.start()
print("up", flush=True)
time.sleep(120)
"""


def _stack(work_dir: Path) -> Stack:
    options = StackOptions(work_dir=work_dir, users=50, prepare_database=prepare_database)
    return Stack(options, lambda _: None)


def _execute(running: RunningStack, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(running.owner_url) as connection:
        cursor = connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def test_a_second_start_reuses_the_data_and_a_reset_does_not(tmp_path: Path) -> None:
    stack = _stack(tmp_path)
    before = set(descendants(os.getpid()))
    try:
        running = stack.start()
        assert stack.ended_parts() == []
        if sys.platform != "win32":
            others = [path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.is_dir()]
            assert others == [0] * 4, "postgres, azurite, sandbox, logs: for nobody else's eyes"
        with pytest.raises(AlreadyRunning):
            _stack(tmp_path).start()
        _execute(running, "CREATE TABLE public.kept AS SELECT 1 AS i")
        started = set(descendants(os.getpid())) - before
        stack.stop()
        assert gone_within(60, started)
        assert not (tmp_path / "lock").exists()

        assert _execute(stack.start(), "SELECT i FROM public.kept") == [(1,)]
        stack.stop()

        fresh = stack.start(reset=True)
        assert _execute(fresh, "SELECT to_regclass('public.kept')") == [(None,)]
    finally:
        stack.stop()


def test_the_host_serves_the_app_with_the_generated_settings(tmp_path: Path) -> None:
    stack = _stack(tmp_path)
    try:
        running = stack.start()
        with urllib.request.urlopen(f"{running.url}/admin/host/ping", timeout=30) as answer:
            assert answer.status == 200
        values = json.loads(running.settings_file.read_text())["Values"]
        assert values["KANRI_HOME_TENANT_ID"] == running.login.tenant_id
        assert running.owner_url not in values.values(), "the app is not the owner"
    finally:
        stack.stop()


def test_a_part_that_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    stack = _stack(tmp_path)
    try:
        running = stack.start()
        assert running.sandbox is not None
        os.kill(running.sandbox.pid, signal.SIGKILL)
        assert gone_within(60, [running.sandbox.pid])
        assert stack.ended_parts() == ["sandbox"]
    finally:
        stack.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux sends the death signal")
def test_a_killed_stack_leaves_no_process_and_blocks_nobody(tmp_path: Path) -> None:
    with child_process(
        [sys.executable, "-c", _STACK, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == "up\n"
            children = descendants(parent.pid)
            assert len(children) > 5
            assert all(alive(pid) for pid in children)
        finally:
            os.kill(parent.pid, signal.SIGKILL)
    assert gone_within(60, children)
    stack = _stack(tmp_path)
    try:
        assert stack.start().sandbox is not None
    finally:
        stack.stop()
