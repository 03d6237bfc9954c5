"""Ctrl-C, SIGTERM and a closed terminal end `kanri` in order, even in the middle of a start."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.infra.cli.kanri import started
from tests.infra.local.processes import descendants, gone_within

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_PARTS = 4  # at least: sandbox, Azurite, PostgreSQL and one of its processes


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize(
    ("command", "number", "code", "in_a_script"),
    [
        ("up", signal.SIGINT, 0, False),
        ("up", signal.SIGHUP, 0, False),
        ("demo", signal.SIGTERM, 130, False),
        ("up", signal.SIGINT, 0, True),
        ("demo", signal.SIGINT, 130, True),
    ],
)
def test_an_interrupted_start_leaves_nothing_behind(
    tmp_path: Path, command: str, number: signal.Signals, code: int, in_a_script: bool
) -> None:
    words = [command, "--users", "50", "--work-dir", str(tmp_path / "work")]
    with started(*words, in_a_script=in_a_script) as kanri:
        deadline = time.monotonic() + 60
        while len(children := descendants(kanri.pid)) < _PARTS and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(kanri.pid, number)
        _, errors = kanri.communicate(timeout=60)
    assert len(children) >= _PARTS
    assert kanri.returncode == code, errors
    assert gone_within(60, children)
    assert not (tmp_path / "work" / "lock").exists()
    assert "Traceback" not in errors
