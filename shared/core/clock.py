"""The one place that reads the wall clock, always in UTC, and lets tests and demonstrations move it.

A moved clock is a file that all processes of a stack follow (`KANRI_CLOCK_FILE`): it holds the
seconds that they are ahead. Who moves it replaces the file, and the next look at the clock sees it;
thirty days can be lived in a minute. Without a file, or in Azure, time is real.
"""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_REAL = timedelta(0)
# So long, in seconds, a clock that was moved goes unseen by who waits for it.
_LOOK = 0.1


class _Moved:
    """What the file says, read again only when it has been replaced. Time never runs backwards."""

    def __init__(self) -> None:
        self.file: Path | None = None
        self._seen: tuple[int, int] | None = None
        self._ahead = _REAL

    def follow(self, file: Path | None) -> None:
        self.file, self._seen, self._ahead = file, None, _REAL

    def ahead(self) -> timedelta:
        if self.file is None:
            return _REAL
        try:
            found = self.file.stat()
            if self._seen != (found.st_ino, found.st_mtime_ns):
                seconds = float(self.file.read_text("ascii"))
                self._ahead = max(self._ahead, timedelta(seconds=seconds))
                self._seen = found.st_ino, found.st_mtime_ns
        except FileNotFoundError:
            return self._ahead
        return self._ahead


_moved = _Moved()


def follow(file: Path | None) -> None:
    """Read the time ahead from `file` from now on; None: time is real. A missing file says 0."""
    _moved.follow(file)


def moves() -> bool:
    """Tell whether somebody may move this clock."""
    return _moved.file is not None


def ahead() -> timedelta:
    """Return how far this clock is ahead of real time. ValueError if the file holds no number."""
    return _moved.ahead()


def move(file: Path, by: timedelta) -> datetime:
    """Move every clock that follows `file` forward and return the time it then is."""
    if by < _REAL:
        raise ValueError("time only moves forward")
    seconds = float(file.read_text("ascii")) if file.exists() else 0.0
    moved = seconds + by.total_seconds()
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{time.monotonic_ns()}")
    fresh.write_text(f"{moved}", "ascii")
    fresh.replace(file)
    return datetime.now(UTC) + timedelta(seconds=moved)


def now() -> datetime:
    """Return the current instant, timezone-aware, UTC."""
    return datetime.now(UTC) + _moved.ahead()


def monotonic() -> float:
    """Return seconds that only grow, to measure spans by: those that the clock was moved by count."""
    return time.monotonic() + _moved.ahead().total_seconds()


async def sleep(seconds: float) -> None:
    """Wait so long by this clock: who moves it ends the wait."""
    if not moves():
        await asyncio.sleep(seconds)
        return
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:  # noqa: ASYNC110  the clock is another process's to move
        await asyncio.sleep(min(left, _LOOK))


def written(moment: datetime) -> str:
    """Return an instant as the API writes it: UTC with a Z, fit for a URL (a + there is a space)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
