"""Where a request's time goes: the app's own doors, each timed as a part of the whole."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from shared.store.registers import found_keys

PARTS = ("waiting", "authentication", "database")


class Stopwatch:
    """Adds up the milliseconds that all threads spent in named parts.

    A part within another counts for itself only: the outer one does not include it.
    """

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._lock = threading.Lock()
        self._inner = threading.local()

    def timed(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call`, its duration added to `part`."""

        def run(*arguments: Any, **named: Any) -> Any:
            outer = getattr(self._inner, "span", 0.0)
            self._inner.span = 0.0
            begun = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                span = (time.perf_counter() - begun) * 1000
                with self._lock:
                    own = span - self._inner.span
                    self._spent[part] = self._spent.get(part, 0.0) + own
                self._inner.span = outer + span

        return run

    def spent(self, part: str) -> float:
        """Return the milliseconds spent in `part`."""
        return self._spent.get(part, 0.0)

    def forget(self) -> None:
        """Start again from nothing."""
        self._spent.clear()


class TimedDoors:
    """The app's own doors; what a report goes through behind them is timed.

    `waiting` is for one of the worker's pooled connections, `database` the report's snapshot,
    `authentication` the API key's look-up.
    """

    def __init__(self, stopwatch: Stopwatch) -> None:
        from shared import wiring
        from shared.store.answers.reports import Reports

        self._doors = doors = wiring.web_doors()
        pool: Any = doors.engine.pool
        pool.connect = stopwatch.timed("waiting", pool.connect)
        keys: Any = found_keys
        keys.find_key = stopwatch.timed("authentication", found_keys.find_key)
        reports: Any = Reports
        reports.snapshot = _timed_snapshot(Reports.snapshot, stopwatch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doors, name)


class _Timed:
    """A thing whose every method is timed as `part`."""

    def __init__(self, thing: Any, part: str, stopwatch: Stopwatch) -> None:
        self._thing, self._part, self._stopwatch = thing, part, stopwatch

    def __getattr__(self, name: str) -> Any:
        return self._stopwatch.timed(self._part, getattr(self._thing, name))


def _timed_snapshot(opened: Callable[..., Any], stopwatch: Stopwatch) -> Callable[..., Any]:
    """Opening, asking and closing a snapshot are timed as `database`."""

    @contextmanager
    def snapshot(*arguments: Any) -> Iterator[_Timed]:
        with ExitStack() as closing:
            session = opened(*arguments)
            found = stopwatch.timed("database", session.__enter__)()
            closing.push(stopwatch.timed("database", session.__exit__))
            yield _Timed(found, "database", stopwatch)

    return snapshot
