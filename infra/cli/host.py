"""`kanri host`: only the Functions host, on whatever the settings file names.

`kanri host start` is the form of Azure Functions Core Tools: it serves the app in the current folder,
so that test suites written for Core Tools can drive the host (CORE_TOOLS_EXE_PATH).
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

import typer

from infra.cli.options import Port, SettingsFile
from infra.cli.terminal import Exit, failures_explained
from infra.local.errors import BadStart
from infra.local.repository import ROOT
from shared.core.text import Text

LIKE_CORE_TOOLS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""`kanri host start` takes what Core Tools take."""


def host(
    context: typer.Context,
    settings: SettingsFile = Path("local.settings.json"),
    port: Port = 7071,
) -> None:
    """Run the Functions host in the foreground."""
    if context.args[:1] == ["start"]:
        source = context.get_parameter_source("settings")
        named = source is not None and source.name != "DEFAULT"
        words = ["--settings", str(settings)] if named else []
        func = ROOT / "infra" / "local" / "host" / "func"
        _become(
            [sys.executable, str(func), "start", "--port", str(port), *words, *context.args[1:]]
        )
    if context.args:
        context.fail(f"Got unexpected words: {' '.join(context.args)}")
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
        os.chdir(ROOT)  # where python -m finds us
        _become(command)


def _become(command: list[str]) -> NoReturn:
    """Be the host from here on: its signals and exit code are its own."""
    if sys.platform == "win32":
        import subprocess

        # It runs until it is told to end, as execv does elsewhere.
        raise typer.Exit(subprocess.run(command, check=False, timeout=None).returncode)
    try:
        os.execv(command[0], command)  # noqa: S606  no shell wanted
    except OSError as error:
        raise typer.Exit(Exit.REMOTE) from error
