"""Runs `kanri` in a process of its own, as a user does."""

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager

from infra.local.repository import ROOT
from tests.fixtures.children import born_with, child_process

COMMAND = (sys.executable, "-c", "from infra.cli.main import app; app(prog_name='kanri')")
IN_A_TERMINAL = born_with(signal.SIG_DFL, "SIGINT", "SIGHUP")
IN_A_SCRIPT = born_with(signal.SIG_IGN, "SIGINT", "SIGHUP")
"""Below `nohup` and with `&` in a script: SIGINT and SIGHUP are ignored from birth."""


def kanri(
    *words: str, language: str = "C.UTF-8", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": language, "NO_COLOR": "1", "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def started(
    *words: str, in_a_script: bool = False
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a command that stays; its output can be read. It is gone after the block."""
    return child_process(
        [*COMMAND, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=IN_A_SCRIPT if in_a_script else IN_A_TERMINAL,
    )
