"""Follow a collection: one progress bar per dataset on standard error, until every run has ended."""

import time
from collections.abc import Callable

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infra.cli.summary import DatasetResult
from infra.cli.terminal import progress, spoken
from infra.local.errors import StackError
from shared.core.text import Text

RUNNING = "running"

_POLL_SECONDS = 0.3
_URGE_SECONDS = 3.0


def follow(
    poll: Callable[[], list[DatasetResult]],
    *,
    urge: Callable[[], None] | None = None,
    patience: float = 900.0,
) -> list[DatasetResult]:
    """Call `poll` until no dataset is `running`; return its last answer.

    `poll` answers the state of every dataset of the collection, the ones that have not begun as
    `running` too. `urge` is called every few seconds while any is: it may look for what is due again.
    Raises StackError if nothing at all changes for `patience` seconds.
    """
    with _bars() as bars:
        tasks: dict[str, TaskID] = {}
        seen: list[DatasetResult] = []
        changed = urged = time.monotonic()
        while True:
            now = poll()
            for item in now:
                _draw(bars, tasks, item)
            if now and all(item.state != RUNNING for item in now):
                return now
            if now != seen:
                seen, changed = now, time.monotonic()
            elif time.monotonic() - changed > patience:
                raise _stuck(now)
            if urge is not None and time.monotonic() - urged > _URGE_SECONDS:
                urge()
                urged = time.monotonic()
            time.sleep(_POLL_SECONDS)


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[rows]:>10} " + spoken(Text("rows", "行"))),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
        console=progress(),
    )


def _draw(bars: Progress, tasks: dict[str, TaskID], item: DatasetResult) -> None:
    # Graph does not say in advance how much there is: a bar pulses until its run has ended.
    if item.dataset not in tasks:
        tasks[item.dataset] = bars.add_task(item.dataset, total=None, rows="", state="")
    ended = item.state != RUNNING
    task = tasks[item.dataset]
    if not bars.tasks[bars.task_ids.index(task)].finished:
        bars.update(
            task,
            rows="" if item.rows is None else f"{item.rows:,}",
            state=item.state if ended else "",
            total=1 if ended else None,
            completed=1 if ended else 0,
        )


def _stuck(now: list[DatasetResult]) -> StackError:
    names = ", ".join(item.dataset for item in now if item.state == RUNNING)
    return StackError(
        Text(
            f"The collection does not move: {names or 'no dataset has begun'}.",
            f"収集が進んでいません: {names or '開始されたデータセットがありません'}。",
        )
    )
