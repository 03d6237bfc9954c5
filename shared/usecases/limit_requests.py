"""Lets requests through as far as limits go, for all workers together; shuts out who guesses.

Most requests are decided in memory, from leases (`core.lease`). Where the database cannot be asked,
each worker lets its own fair part through, and nobody is shut out anew: almost every request needs
the database itself and says so (503).
"""

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import replace
from threading import Lock
from typing import TYPE_CHECKING

from msgspec import Struct

from shared.core.clock import ahead
from shared.core.errors import StoreUnavailable
from shared.core.lease import Ask, Lease
from shared.core.logs import log
from shared.core.rate_limit import Counted, Doing, RateLimit
from shared.store.registers.rate_windows import Block, Failing, LeaseAsked, RateWindows

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Leases and blocks that a worker remembers; those that have ended are forgotten when it is reached.
_REMEMBERED = 10_000
# A lease may be used up by others before it is looked at again.
_ROUNDS = 8

type _Now = Callable[[], float]


class Spending(Struct, frozen=True):
    """One quota that a request spends: of `limit`, as `subject`, whose `counted` it is."""

    limit: RateLimit
    counted: Counted
    subject: str

    @property
    def row(self) -> str:
        """Who it is among all for whom anything is counted."""
        return f"{self.counted}:{self.subject}"


class Standing(Struct, frozen=True, kw_only=True):
    """How a quota stands after a request: `rest` may still go in `ends_in` seconds.

    `over` says that the request may not. `rest` is what this worker knows of.
    """

    counted: Counted
    policy: str
    quota: int
    seconds: int
    rest: int
    ends_in: float
    over: bool


class Limits:
    """The limits as one worker keeps them: one a process, for all its threads."""

    def __init__(
        self, engine: "Engine", limits: Sequence[RateLimit], now: _Now | None = None
    ) -> None:
        """`now` is a clock of the worker's own, in seconds, that never goes back."""
        self._windows = RateWindows(engine)
        self._limits = limits
        self._now = now or _moved_seconds
        self._lock = Lock()
        self._leases: dict[tuple[str, str], Lease] = {}
        self._blocked: dict[str, float] = {}
        self._spent: dict[str, tuple[float, Standing]] = {}

    def spent_by(self, doing: Doing, subjects: Mapping[Counted, str]) -> list[Spending]:
        """Return every quota that `doing` spends, of those who are named in `subjects`."""
        return [
            Spending(limit, counted, subjects[counted])
            for limit in self._limits
            if doing in limit.counts
            for counted in limit.quotas
            if counted in subjects
        ]

    def blocked(self, row: str) -> float:
        """Return for how many seconds more `row` is shut out, as far as this worker knows; 0 if not."""
        until = self._blocked.get(row)
        return 0.0 if until is None else max(0.0, until - self._now())

    def remember_spent(self, place: str, standing: Standing) -> None:
        """Remember that whoever is known by `place` has spent a quota, to the end of its window."""
        ends = self._now() + standing.ends_in
        with self._lock:
            _make_room(self._spent, lambda kept: kept[0] <= self._now())
            self._spent[place] = ends, standing

    def spent(self, place: str) -> Standing | None:
        """Return which quota `place` has spent, if its window goes on."""
        if (kept := self._spent.get(place)) is None:
            return None
        left = kept[0] - self._now()
        return replace(kept[1], ends_in=left) if left > 0 else None

    def spend(self, spending: Sequence[Spending]) -> list[Standing]:
        """Let one request spend all of `spending`, or none if one of them is over; say how they stand."""
        for _ in range(_ROUNDS):
            now = self._now()
            with self._lock:
                leases = [self._lease(one) for one in spending]
                looks = [lease.look(now) for lease in leases]
                asking = {
                    place: leases[place].ask(now)
                    for place, look in enumerate(looks)
                    if look == "ask" and "wait" not in looks
                }
                if not asking:
                    return self._let_go(spending, leases, now, goes="wait" not in looks)
            self._ask(spending, leases, asking, now)
        return []

    def _let_go(
        self, spending: Sequence[Spending], leases: Sequence[Lease], now: float, *, goes: bool
    ) -> list[Standing]:
        standings = []
        for one, lease in zip(spending, leases, strict=True):
            over = lease.look(now) == "wait"
            if goes:
                lease.spend()
            standings.append(
                Standing(
                    counted=one.counted,
                    policy=one.limit.policy(one.counted),
                    quota=one.limit.quotas[one.counted],
                    seconds=one.limit.seconds,
                    rest=0 if over else lease.left + lease.rest,
                    ends_in=max(0.0, lease.ends - now),
                    over=over,
                )
            )
        return standings

    def _ask(
        self,
        spending: Sequence[Spending],
        leases: Sequence[Lease],
        asking: Mapping[int, Ask],
        sent: float,
    ) -> None:
        """Lease what is lacking, in one round trip."""
        wanted = [spending[place] for place in asking]
        asked = [
            LeaseAsked(
                one.row, one.limit.name, one.limit.quotas[one.counted], one.limit.seconds, ask
            )
            for one, ask in zip(wanted, asking.values(), strict=True)
        ]
        try:
            given = self._windows.lease(asked)
        except StoreUnavailable as error:
            log("limits_alone", level=logging.WARNING, code=error.code)
            with self._lock:
                for place, one in zip(asking, wanted, strict=True):
                    quota = one.limit.quotas[one.counted]
                    leases[place].go_alone(quota, one.limit.seconds, self._now())
            return
        with self._lock:
            for place, one, answer in zip(asking, wanted, given, strict=True):
                leases[place].take(answer.grant, sent)
                if answer.blocked > 0:
                    self._block(one.row, answer.blocked)

    def fail(self, failing: Sequence[Spending]) -> list[tuple[Spending, Block]]:
        """Count a failure of each of `failing`; return who is shut out now, and since when.

        Where the database cannot be asked nobody is.
        """
        asked = [
            Failing(
                one.row,
                one.limit.name,
                one.limit.quotas[one.counted],
                one.limit.seconds,
                one.limit.blocks,
            )
            for one in failing
        ]
        try:
            blocks = self._windows.count(asked) if asked else []
        except StoreUnavailable as error:
            log("failure_uncounted", level=logging.WARNING, code=error.code)
            return []
        found = [(one, block) for one, block in zip(failing, blocks, strict=True) if block.seconds]
        with self._lock:
            for one, block in found:
                self._block(one.row, block.seconds)
        return found

    def _lease(self, one: Spending) -> Lease:
        place = (one.row, one.limit.name)
        if (lease := self._leases.get(place)) is None:
            lease = Lease()
            _make_room(self._leases, lambda kept: kept.ends <= self._now())
            self._leases[place] = lease
        return lease

    def _block(self, row: str, seconds: float) -> None:
        _make_room(self._blocked, lambda until: until <= self._now())
        self._blocked[row] = self._now() + seconds


def _make_room[K: Hashable, V](kept: dict[K, V], ended: Callable[[V], bool]) -> None:
    """Forget what has ended where there is much; all of it rather than to grow without end."""
    if len(kept) < _REMEMBERED:
        return
    live = [(key, value) for key, value in kept.items() if not ended(value)]
    kept.clear()
    if len(live) < _REMEMBERED:
        kept.update(live)


def _moved_seconds() -> float:
    """The worker's own clock, moved as all clocks of a stack are (`core.clock`)."""
    return time.monotonic() + ahead().total_seconds()
