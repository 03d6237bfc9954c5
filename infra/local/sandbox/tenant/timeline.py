"""The order of all changes of a tenant: sequence numbers with their sandbox and wall-clock instants."""

from bisect import bisect_right
from datetime import datetime
from time import time_ns

from infra.local.sandbox.clock import Clock
from shared.core import clock


class Timeline:
    """Sequence 0 is the seeded tenant; every change takes the next number.

    `born` tells apart the same numbers of two processes: changes do not outlive theirs.
    """

    def __init__(self, own: Clock) -> None:
        self.clock = own
        self.sequence = 0
        self.born = time_ns()
        self._sandbox = [own.now()]
        self._wall = [clock.now()]

    def tick(self) -> int:
        """Take the next sequence number at the present instant."""
        self.sequence += 1
        self._sandbox.append(self.clock.now())
        self._wall.append(clock.now())
        return self.sequence

    def instant(self, sequence: int) -> datetime:
        """Sandbox time of a change."""
        return self._sandbox[sequence]

    def wall(self, sequence: int) -> datetime:
        """Wall-clock time of a change."""
        return self._wall[sequence]

    def at(self, instant: datetime, *, wall: bool = True) -> int:
        """The last sequence number at or before `instant` (0 when it precedes every change)."""
        return max(0, bisect_right(self._wall if wall else self._sandbox, instant) - 1)
