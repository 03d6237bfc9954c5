"""How long one request is in each of its stages. What is in no stage counts for the whole alone.

Sessions of the database tell of themselves (`in_session`): their time is that of the stage that opens
them, and the stage `database` where it is none.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

type Stage = Literal["waiting", "authentication", "checks", "database", "whole"]

# In ms: finding out who asks; limits, permissions, addresses and parameters; sessions of the database while it
# is answered; all of it. Waiting for a turn has no budget of its own: it is a part of the whole.
BUDGETS: Mapping[Stage, float] = {
    "authentication": 50.0,
    "checks": 10.0,
    "database": 30.0,
    "whole": 100.0,
}

_running: ContextVar["Stopwatch | None"] = ContextVar("kanri_stopwatch", default=None)


class Stopwatch:
    """One request's, from when it is made; one thread after the other may use it."""

    __slots__ = ("_begun", "_since", "_spent", "stage")

    def __init__(self) -> None:
        self._begun = self._since = time.perf_counter()
        self._spent: dict[Stage, float] = {}
        self.stage: Stage | None = "waiting"

    def enter(self, stage: Stage | None) -> None:
        """End the stage that the request is in, and begin `stage`; None for what is in none."""
        now = time.perf_counter()
        if self.stage is not None:
            self._spent[self.stage] = self._spent.get(self.stage, 0.0) + now - self._since
        self.stage, self._since = stage, now

    @contextmanager
    def running(self, stage: Stage | None) -> Iterator[None]:
        """Go by this watch in the block, which begins in `stage`; after it the request waits."""
        self.enter(stage)
        token = _running.set(self)
        try:
            yield
        finally:
            _running.reset(token)
            self.enter("waiting")

    def read(self) -> dict[Stage, float]:
        """Return the milliseconds in each stage that there was, and in all."""
        found = {stage: span * 1000 for stage, span in self._spent.items()}
        return found | {"whole": (time.perf_counter() - self._begun) * 1000}


@contextmanager
def in_session() -> Iterator[None]:
    """Count the block as the database's, unless the request is in a stage that it is a part of."""
    watch = _running.get()
    if watch is None or watch.stage is not None:
        yield
        return
    watch.enter("database")
    try:
        yield
    finally:
        watch.enter(None)
