"""One supervised child: ready line, log, end, and the end of its parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.child import Child, ChildFailed
from infra.local.repository import ROOT
from tests.fixtures.children import child_process
from tests.infra.local.processes import alive, gone_within

_READY = "import time; print('hello'); print('ready 42', flush=True); time.sleep(60)"
_STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("grandchild", grandchild.pid, flush=True)
time.sleep(60)
"""
_PARENT = """
import sys, time
from pathlib import Path
from infra.local.child import Child
child = Child("nap", [sys.executable, "-c", "import time; time.sleep(60)"], log_file=Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


def _child(code: str, folder: Path) -> Child:
    return Child("the child", [sys.executable, "-c", code], log_file=folder / "child.log")


def _number_after(word: str, line: str) -> int | None:
    return int(line.split()[1]) if line.startswith(word) else None


def test_a_ready_line_is_waited_for_and_the_rest_is_logged(tmp_path: Path) -> None:
    child = _child(_READY, tmp_path)
    child.start()
    assert child.wait_for(lambda line: _number_after("ready", line), seconds=10) == 42
    before = child.running
    child.stop()
    assert (before, child.running) == (True, False)
    assert (tmp_path / "child.log").read_text() == "hello\nready 42\n"


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for text in ("first", "second"):
        child = _child(f"print('{text}')", tmp_path)
        child.start()
        child.wait_for(lambda line: line or None, seconds=10)
        child.stop()
    assert (tmp_path / "child.log").read_text() == "second\n"
    assert (tmp_path / "child.log.1").read_text() == "first\n"


def test_a_child_that_ends_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    child = _child("raise SystemExit('no such tenant')", tmp_path)
    child.start()
    with pytest.raises(ChildFailed, match="no such tenant"):
        child.wait_for(lambda line: _number_after("ready", line), seconds=10)


def test_a_child_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    child = _child("import time; time.sleep(60)", tmp_path)
    child.start()
    with pytest.raises(ChildFailed, match="not ready within"):
        child.wait_for(lambda line: _number_after("ready", line), seconds=0.3)
    assert not child.running


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(tmp_path: Path) -> None:
    child = _child(_STUBBORN, tmp_path)
    child.start()
    grandchild = child.wait_for(lambda line: _number_after("grandchild", line), seconds=10)
    child.stop(grace=0.3)
    assert not child.running
    assert gone_within(60, [grandchild])


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux sends the death signal")
def test_a_killed_parent_takes_its_child_along(tmp_path: Path) -> None:
    with child_process(
        [sys.executable, "-c", _PARENT, str(tmp_path / "nap.log")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
    assert gone_within(60, [child])


def test_a_secret_answer_is_read_and_not_logged(tmp_path: Path) -> None:
    code = "import sys; print('ready 42', flush=True); print('note', file=sys.stderr, flush=True)"
    child = Child(
        "the child",
        [sys.executable, "-c", code],
        log_file=tmp_path / "child.log",
        secret_answers=True,
    )
    child.start()
    assert child.wait_for(lambda line: _number_after("ready", line), seconds=10) == 42
    child.stop()
    assert "ready" not in (tmp_path / "child.log").read_text()
