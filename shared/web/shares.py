"""Shares of a worker: how many threads each kind of request may use, and whose turn comes next.

Handlers wait for the database, so each runs in a thread, and a thread holds one session at a time.
The shares divide the pool, so that none can take a thread or a session from another: a report never
waits for an export, nor readiness for either.

Within a share nobody gets everything. Each *claimant* of a request (the caller, and the tenant that
he asks about) may use all threads but one; who waits comes in by turns, the claimant who uses least
first. Who has too much waiting, or waits too long, is told to come back (429).

Everything here runs on one event loop, so nothing needs a lock.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Literal

from msgspec import Struct

from shared.core.errors import TooManyRequests

type ShareName = Literal["entry", "readiness", "reading", "export", "administration"]

# As many of one claimant wait; the next is refused. The platform sends 16 at a time to an instance.
_WAITING = 16
# Seconds to wait for a turn. Front ends give up on an answer after 230:
# https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout
_READING_PATIENCE, _EXPORT_PATIENCE = 15.0, 60.0
# With so many sessions two are left for administration.
_ROOMY = 8


class _Waiter(Struct, eq=False):
    claimants: tuple[str, ...]
    turn: asyncio.Future[None]


class Share:
    """Some threads, and who is using or waiting for them.

    `each` is how many of them one claimant may use at once, `patience` how many seconds a request
    waits for its turn, `waiting` how many requests of one claimant do.
    """

    def __init__(
        self,
        threads: int,
        *,
        each: int,
        patience: float = _READING_PATIENCE,
        waiting: int = _WAITING,
    ) -> None:
        self.threads = threads
        self._each, self._patience, self._waiting = each, patience, waiting
        self._free = threads
        self._using: Counter[str] = Counter()
        self._queue: list[_Waiter] = []
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="kanri")

    async def run[T](self, claimants: tuple[str, ...], work: Callable[[], T]) -> T:
        """Return what `work` returns, run in a thread of this share when its turn has come.

        Raises TooManyRequests if a claimant has too much waiting already, or the turn does not
        come.
        """
        await self._turn(claimants)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, copy_context().run, work)
        finally:
            self._leave(claimants)

    async def _turn(self, claimants: tuple[str, ...]) -> None:
        if self._free and self._may(claimants):
            self._enter(claimants)
            return
        for claimant in claimants:
            if sum(claimant in waiter.claimants for waiter in self._queue) >= self._waiting:
                raise TooManyRequests("caller_busy", retry_after=self._patience / 3)
        waiter = _Waiter(claimants, asyncio.get_running_loop().create_future())
        self._queue.append(waiter)
        try:
            # Unlike wait_for it neither cancels nor raises: a turn that comes at the last moment counts.
            await asyncio.wait([waiter.turn], timeout=self._patience)
        except asyncio.CancelledError:
            self._give_up(waiter)
            raise
        if not waiter.turn.done():
            self._queue.remove(waiter)
            raise TooManyRequests("worker_busy", retry_after=self._patience / 3)

    def _give_up(self, waiter: _Waiter) -> None:
        """Let others have the turn of one who waits no longer, also if it has just come."""
        if waiter.turn.done():
            self._leave(waiter.claimants)
        else:
            self._queue.remove(waiter)

    def _may(self, claimants: tuple[str, ...]) -> bool:
        return all(self._using[claimant] < self._each for claimant in claimants)

    def _enter(self, claimants: tuple[str, ...]) -> None:
        self._free -= 1
        self._using.update(claimants)

    def _leave(self, claimants: tuple[str, ...]) -> None:
        self._free += 1
        self._using.subtract(claimants)
        self._using += Counter()  # forgets who uses nothing any more
        # One who leaves may have been in the way of several, while other threads were free.
        while self._free and (following := self._following()) is not None:
            self._queue.remove(following)
            self._enter(following.claimants)
            following.turn.set_result(None)

    def _following(self) -> _Waiter | None:
        """Return who comes in next: of those who may, the first of those who use least."""
        ready = [waiter for waiter in self._queue if self._may(waiter.claimants)]
        return min(ready, key=lambda one: [self._using[c] for c in one.claimants], default=None)


class Shares(Struct, frozen=True):
    """The shares of one worker, by name; `entry` finds out who is asking."""

    entry: Share
    readiness: Share
    reading: Share
    export: Share
    administration: Share

    @classmethod
    def of(cls, sessions: int) -> "Shares":
        """Divide a pool of `sessions`: a quarter writes exports, most of the others read.

        Looking up who asks takes a millisecond of a session, and now and then a wait for Entra's
        signing keys: many threads get along with one session. Administration never has the last.
        """
        brief = 2 if sessions < _ROOMY else 3
        export = max(1, sessions // 4)
        reading = max(1, sessions - export - brief)
        return cls(
            entry=Share(4, each=3, waiting=16 * _WAITING),
            readiness=Share(1, each=1),
            reading=Share(reading, each=max(1, reading - 1)),
            export=Share(export, each=max(1, export - 1), patience=_EXPORT_PATIENCE),
            administration=Share(brief - 1, each=1),
        )

    def named(self, name: ShareName) -> Share:
        """Return the share called `name`."""
        share: Share = getattr(self, name)
        return share
