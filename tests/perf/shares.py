"""Where a request's time goes: the app's own doors, each timed as a part of the whole."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

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


class TimedServices:
    """The app's own services; the doors that a report goes through are timed.

    `waiting` is for one of the worker's pooled connections, `database` the report's snapshot,
    `authentication` the API key's look-up.
    """

    def __init__(self, stopwatch: Stopwatch) -> None:
        from shared import wiring

        self._doors = doors = wiring.web_doors()
        pool: Any = doors.engine.pool
        pool.connect = stopwatch.timed("waiting", pool.connect)
        self.api_keys = lambda: _Timed(doors.api_keys(), "authentication", stopwatch)
        self.tenants = lambda: _Timed(doors.tenants(), "database", stopwatch)
        self.reports = lambda: _TimedReports(doors.reports(), stopwatch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doors, name)


class _Timed:
    """A door whose every method is timed as `part`."""

    def __init__(self, door: Any, part: str, stopwatch: Stopwatch) -> None:
        self._door, self._part, self._stopwatch = door, part, stopwatch

    def __getattr__(self, name: str) -> Any:
        return self._stopwatch.timed(self._part, getattr(self._door, name))


class _TimedReports:
    """The reports; opening, asking and closing a snapshot are timed as `database`."""

    def __init__(self, reports: Any, stopwatch: Stopwatch) -> None:
        self._reports, self._stopwatch = reports, stopwatch

    @contextmanager
    def snapshot(self, tenant_id: UUID, *given: Any) -> Iterator[_Timed]:
        """Open a snapshot as the reports do."""
        with ExitStack() as closing:
            session = self._reports.snapshot(tenant_id, *given)
            snapshot = self._stopwatch.timed("database", session.__enter__)()
            closing.push(self._stopwatch.timed("database", session.__exit__))
            yield _Timed(snapshot, "database", self._stopwatch)
