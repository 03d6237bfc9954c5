"""Lets the clock of a stack run through the time in which everybody in it waits (Linux only).

Work takes the time that it takes; what is skipped is the waiting for budgets, for what was put off and
for what is not due yet. So hours of a night that has little to do but wait are lived in minutes.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg

from shared.core import clock

# Messages that a worker process works on at once: `batchSize` and `newBatchThreshold` of host.json.
SLOTS = 6
_LOOKS, _BETWEEN = 4, 0.015
# A longer step would let those who wait in turn go at once.
_STEP = timedelta(seconds=1)
_TREE_SECONDS = 1.0

_STANDING = """
    SELECT count(*) FILTER (WHERE phase = 'running' AND kind = 'collect'),
        count(*) FILTER (WHERE phase = 'pending'),
        extract(epoch FROM min(next_due) FILTER (WHERE phase = 'deferred') - %s::timestamptz)::float8
    FROM kanri.work_state
"""


class SkippedWaits:
    """Moves `file`, the clock of the stack whose processes descend from this one."""

    def __init__(self, file: Path, owner: psycopg.Connection, idle: timedelta) -> None:
        """`idle` is how far to move while nothing is under way at all; `owner` reads every line."""
        self._file, self._owner, self._idle = file, owner, idle
        self._tree: list[psutil.Process] = []
        self._looked = 0.0
        self.skipped = timedelta(0)
        self.most_memory = 0  # bytes, of the processes that run functions

    def pass_moment(self) -> None:
        """Let a moment of real time pass, and skip some if all that is left is waiting."""
        if self._at_work():
            time.sleep(_BETWEEN)
            return
        found = self._owner.execute(_STANDING, (clock.now(),)).fetchone()
        assert found is not None
        running, pending, due = found
        if pending and running < SLOTS:
            time.sleep(0.05)  # its message is in the queue, which is looked at in real time
            return
        if running or pending:
            self._move(_STEP)
            return
        by = self._idle if due is None else timedelta(seconds=max(due, 1.0))
        self._move(min(by, self._idle))
        time.sleep(0.7)  # so long the host's timers overlook that the clock was moved

    def _move(self, by: timedelta) -> None:
        clock.move(self._file, by)
        self.skipped += by
        time.sleep(0.12)  # so long who waits by the clock overlooks it

    def _at_work(self) -> bool:
        """Tell whether any thread of the stack runs, or would if there were a processor for it."""
        for _ in range(_LOOKS):
            if any(
                state in "RD" for process in self._processes() for state in _states(process.pid)
            ):
                return True
            time.sleep(_BETWEEN)
        return False

    def _processes(self) -> list[psutil.Process]:
        if time.monotonic() - self._looked > _TREE_SECONDS:
            self._looked = time.monotonic()
            self._tree = psutil.Process().children(recursive=True)
            self._weigh()
        return self._tree

    def _weigh(self) -> None:
        for process in self._tree:
            try:
                if "infra.local.host.worker" in process.cmdline():
                    self.most_memory = max(self.most_memory, process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue


def _states(pid: int) -> Iterator[str]:
    for thread in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            yield thread.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # it has ended
