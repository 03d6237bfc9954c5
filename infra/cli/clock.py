"""`kanri clock`: let time pass for a stack that runs: the app, its timers and the sandbox tenant."""

from datetime import timedelta
from typing import Annotated

import typer

from infra.cli.options import WorkDir
from infra.cli.terminal import results, spoken
from infra.local.repository import WORK_DIR
from infra.local.stack import clock_file
from shared.core.clock import move, written
from shared.core.text import Text

Days = Annotated[
    float, typer.Argument(min=0, help=spoken(Text("Days to move forward.", "進める日数。")))
]


def clock(days: Days = 0, work_dir: WorkDir = WORK_DIR) -> None:
    """Move the time forward and print what it is then."""
    work_dir.mkdir(parents=True, exist_ok=True)
    results().print(written(move(clock_file(work_dir), timedelta(days=days))))
