"""`kanri host`: only the Functions host, on whatever the settings file names."""

import os
import sys
from pathlib import Path

import typer

from infra.cli.options import Port, SettingsFile
from infra.cli.terminal import Exit, failures_explained
from infra.local.errors import BadStart
from infra.local.repository import ROOT
from shared.core.text import Text


def host(
    settings: SettingsFile = Path("local.settings.json"),
    port: Port = 7071,
) -> None:
    """Run the Functions host in the foreground."""
    with failures_explained():
        if not settings.is_file():
            raise BadStart(
                Text(
                    f"There is no settings file {settings}; start from local.settings.sample.json.",
                    f"設定ファイル {settings} がありません。"
                    "local.settings.sample.json をもとに作成してください。",
                )
            )
        words = ["host", "start", "--port", str(port), "--settings", str(settings.absolute())]
        command = [sys.executable, "-m", "infra.local.host", *words, "--app", str(ROOT)]
        if sys.platform == "win32":
            import subprocess

            raise typer.Exit(subprocess.run(command, check=False).returncode)
        os.chdir(ROOT)  # where python -m finds us
        # The host becomes this process: signals and exit code are its own.
        try:
            os.execv(command[0], command)  # noqa: S606  no shell wanted
        except OSError as error:
            raise typer.Exit(Exit.REMOTE) from error
