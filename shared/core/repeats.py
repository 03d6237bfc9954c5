"""What happens again and again is told once in a while, with how often: nobody can flood a log with it."""

from collections import Counter
from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock


class Repeats[K: Hashable]:
    """Counts what happened, and says when to tell it.

    The first time within `window` it is told at once; what comes again is counted, and told with
    the first happening of whatever kind after the window, as one. At most `most` different ones are
    told in a window, what goes beyond is one number. For one process: what it has counted and not
    told ends with it.
    """

    def __init__(self, window: timedelta, most: int) -> None:
        self._window, self._most = window, most
        self._began: datetime | None = None
        self._told: set[K] = set()
        self._more: Counter[K | None] = Counter()
        self._lock = Lock()

    def happened(self, key: K, now: datetime) -> list[tuple[K | None, int]]:
        """Return what is to be told now, and how often each happened; None stands for all others."""
        with self._lock:
            due: list[tuple[K | None, int]] = []
            if self._began is None or now - self._began >= self._window:
                due = list(self._more.items())
                self._began = now
                self._told.clear()
                self._more.clear()
            if key not in self._told and len(self._told) < self._most:
                self._told.add(key)
                return [*due, (key, 1)]
            self._more[key if key in self._told else None] += 1
            return due
