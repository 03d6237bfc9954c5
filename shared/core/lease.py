"""What a worker may let through without asking the database: a lease of a window's quota.

All workers share one row for each quota (`store.registers.rate_windows`). A worker leases requests
of it and lets them go by itself; what it has not used at the end of the window is void. More than
the quota is never leased. What all workers together hold and may never use is kept below a 25th of
the quota, by the row, which is told when a lease is used up: so at least 96 of 100 can be used
however many workers there are, and a worker that has used its lease up gets a bigger one.
"""

from math import inf
from typing import Literal

from msgspec import Struct

# A first lease; each one in the same window asks for twice the one before.
FIRST = 8
_MOST = 4096

# Without the database a worker lets a fair part through for so many seconds before it asks again.
ALONE = 5.0


class Ask(Struct, frozen=True):
    """What the row is asked: `wanted` requests, in `window`; of its last lease `settled` are used."""

    window: int
    settled: int
    wanted: int


class Grant(Struct, frozen=True):
    """What the row gives: `granted` requests of `window`, which ends in `ends_in` seconds.

    `rest` is what it has left for all workers. Windows are named by when they begin, in seconds.
    """

    window: int
    granted: int
    rest: int
    ends_in: float


class Lease:
    """One worker's lease of one quota. Instants are seconds of the worker's own clock.

    For use under a lock: nothing here waits.
    """

    __slots__ = ("_held", "_over", "_wanted", "_window", "ends", "left", "rest")

    def __init__(self) -> None:
        self.ends = -inf
        self.left = self.rest = 0
        self._window = self._held = 0
        self._wanted = FIRST
        self._over = False

    def look(self, now: float) -> Literal["go", "wait", "ask"]:
        """Tell whether a request may go, has to wait for the next window, or the row must be asked."""
        if now >= self.ends:
            return "ask"
        if self.left > 0:
            return "go"
        return "wait" if self._over else "ask"

    def spend(self) -> None:
        """Let one request go."""
        self.left -= 1

    def ask(self, now: float) -> Ask:
        """Return what to ask the row, after `look` said so."""
        if now >= self.ends:  # What is left of a window that has ended is void.
            self.left = self._held = 0
            self._over = False
            self._wanted = FIRST
        else:
            self._wanted = min(2 * self._wanted, _MOST)
        settled, self._held = self._held, 0
        return Ask(self._window, settled, self._wanted)

    def take(self, grant: Grant, sent: float) -> None:
        """Take what the row gave when it was asked at `sent`.

        Counted from there the window ends no later than in truth. Several threads may ask at once.
        """
        if grant.window < self._window:  # A slow answer about a window that is over.
            return
        if grant.window > self._window:
            self._window, self.left, self._held, self._over = grant.window, 0, 0, False
            self.ends = -inf
        self.ends = max(self.ends, sent + grant.ends_in)
        self.left += grant.granted
        self.rest = grant.rest
        # The request that asked goes at once: what is held is what lies beyond it.
        self._held += max(0, grant.granted - 1)
        self._over = self._over or grant.granted == 0

    def go_alone(self, quota: int, seconds: int, now: float) -> None:
        """Let this worker's own part through for a while: the row cannot be asked."""
        self.left = max(1, int(quota * ALONE / seconds))
        self.rest = self._held = 0
        self.ends = now + ALONE
        self._over = True
