"""The listener of one timer function."""

import asyncio
import json
from datetime import datetime

from azure.core.exceptions import AzureError

from infra.local.host.console import Console
from infra.local.host.errors import InvocationFailed
from infra.local.host.functions import Function
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.leases import Singleton
from infra.local.host.ncrontab import Schedule
from infra.local.host.retries import pauses
from infra.local.host.schedule_status import ScheduleStatus, StatusStore, after_run, reconcile
from infra.local.host.wire import Typed
from shared.core import clock

LONGEST_SLEEP = 24 * 3600.0  # longer waits are chained: the clock may be set meanwhile
MOVED_SLEEP = 0.5  # so long a clock that tests move goes unseen


class TimerListener:
    """Fires one function by its schedule, on one host at a time; runs never overlap."""

    def __init__(
        self,
        function: Function,
        schedule: Schedule,
        invoker: Invoker,
        store: StatusStore,
        lock: Singleton,
        retry_after: float,
        console: Console,
    ) -> None:
        self.function, self.schedule, self.invoker = function, schedule, invoker
        self.store, self.lock, self.retry_after, self.console = store, lock, retry_after, console
        wanted = function.trigger.get("useMonitor", True)
        self.monitored = bool(wanted) and not schedule.more_than_once_a_minute
        self.status: ScheduleStatus | None = None
        self.stopping = False

    def stop(self) -> None:
        """Fire no more; `run` ends once a running invocation has."""
        self.stopping = True
        self.lock.changed.set()

    async def run(self) -> None:
        """Hold the lease and fire until stopped; without the lease, wait for it."""
        while not self.stopping:
            try:
                if await self.lock.acquire():
                    try:
                        await self._fire_while_held()
                    finally:
                        await self.lock.release()
            except AzureError as error:
                self.console.event(f"Timer {self.function.name}: {error}")
            await self._wait(self.retry_after)

    async def _fire_while_held(self) -> None:
        now = clock.now()
        past_due = False
        if self.monitored:
            stored = await self.store.read(self.function.name)
            self.status, changed = reconcile(stored, self.schedule, now)
            if changed:
                await self.store.write(self.function.name, self.status)
            past_due = now > self.status.next
        fired = now
        if past_due or self.function.trigger.get("runOnStartup", False):
            await self._fire(now, past_due=past_due)
        due: datetime | None = None
        while self.lock.held and not self.stopping:
            # From the due time, not only from the clock, which may be a moment behind it. A due time
            # that the clock was moved beyond is still to be fired, once.
            if due is None or due <= fired or due > clock.now():
                due = self.schedule.next(max(clock.now(), fired))
            if await self._sleep_until(due) and due is not None:
                await self._fire(due, past_due=False)
                fired = due

    async def _sleep_until(self, due: datetime | None) -> bool:
        """Wait for an instant; False if woken before or the wait is only part of it."""
        longest = MOVED_SLEEP if clock.moves() else LONGEST_SLEEP
        left = (due - clock.now()).total_seconds() if due else longest + 1
        return not await self._wait(min(left, longest)) and left <= longest

    async def _wait(self, seconds: float) -> bool:
        """Pause; True if the lease was lost or the listener stopped meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self.lock.changed.wait()
        except TimeoutError:
            return False
        if not self.stopping:
            self.lock.changed.clear()
        return True

    async def _fire(self, due: datetime, *, past_due: bool) -> None:
        ran_at = max(clock.now(), due)
        await run_timer(self.function, self.invoker, self.status, past_due=past_due)
        if self.monitored:
            self.status = after_run(self.schedule, ran_at)
            await self.store.write(self.function.name, self.status)


async def run_timer(
    function: Function, invoker: Invoker, status: ScheduleStatus | None, *, past_due: bool
) -> None:
    """Run a timer function now, with its retry policy; a failure is logged, not raised."""
    now = clock.now()
    payload = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": status.to_json() if status else None,
        "IsPastDue": past_due,
    }
    most = function.retry.max_count if function.retry else 0
    for attempt, pause in enumerate(pauses(function.retry)):
        trigger = Trigger(
            reason=f"Timer fired at {now.isoformat()}",
            value=Typed("json", json.dumps(payload)),
            metadata={"TimerTrigger": Typed("string", now.strftime("%m/%d/%Y %H:%M:%S"))},
            retry_count=attempt,
            max_retry_count=most,
        )
        try:
            await invoker.invoke(function, trigger)
        except InvocationFailed:
            if pause is None:
                return
            await asyncio.sleep(pause)
        else:
            return
