"""Looks at processes of this machine by id, for tests that end them."""

import time
from collections.abc import Iterable

import psutil  # type: ignore[import-untyped]


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def descendants(pid: int) -> list[int]:
    """The ids of all children and their children."""
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def gone_within(seconds: float, pids: Iterable[int]) -> bool:
    """Whether all processes have ended before `seconds` passed."""
    pids = list(pids)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False
