"""The lock of a work folder: exclusive while held, gone with its holder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.errors import AlreadyRunning
from infra.local.repository import ROOT
from infra.local.work_lock import WorkLock
from tests.fixtures.children import child_process

_HOLDER = """
import sys, time
from pathlib import Path
from infra.local.work_lock import WorkLock
lock = WorkLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_holder_is_told_who_has_it_in_both_languages(tmp_path: Path) -> None:
    with WorkLock(tmp_path / "lock"), pytest.raises(AlreadyRunning) as refusal:
        WorkLock(tmp_path / "lock").acquire()
    assert f"process {os.getpid()}" in refusal.value.message("en")
    assert f"プロセス {os.getpid()}" in refusal.value.message("ja")


def test_a_released_lock_leaves_no_file_and_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with WorkLock(tmp_path / "lock"):
            assert (tmp_path / "lock").read_text() == str(os.getpid())
        assert not (tmp_path / "lock").exists()


def test_a_killed_holder_does_not_block_the_next(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with child_process(
        [sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"):
                WorkLock(path).acquire()
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    assert path.exists()
    with WorkLock(path):
        assert path.read_text() == str(os.getpid())
