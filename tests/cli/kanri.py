"""Runs `kanri` in a process of its own, as a user does."""

import os
import subprocess
import sys

from infra.local.repository import ROOT

COMMAND = (sys.executable, "-c", "from infra.cli.main import app; app(prog_name='kanri')")


def kanri(*words: str, language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": language, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def started(*words: str) -> subprocess.Popen[str]:
    """Start a command that stays; its output can be read."""
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
