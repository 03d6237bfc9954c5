"""All timer and queue listeners of an app, and running one of its functions by hand."""

import asyncio
import uuid
from collections.abc import Mapping

from azure.storage.queue import QueueMessage

from infra.local.host.connections import HOST_STORAGE
from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.expressions import expand_settings
from infra.local.host.functions import Function
from infra.local.host.host_json import QueueOptions
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.leases import Singleton
from infra.local.host.ncrontab import Schedule
from infra.local.host.options import HostOptions
from infra.local.host.queue_messages import QueueSender
from infra.local.host.queues import QueueListener, trigger_metadata
from infra.local.host.schedule_status import StatusStore
from infra.local.host.settings import is_disabled
from infra.local.host.timers import TimerListener, run_timer
from infra.local.host.wire import Typed


class Listeners:
    """Starts, stops and drains listeners; a function whose listener cannot be built has a fault."""

    def __init__(
        self,
        options: HostOptions,
        queue_options: QueueOptions,
        settings: Mapping[str, str],
        host_id: str,
        invoker: Invoker,
        sender: QueueSender,
        console: Console,
    ) -> None:
        self.options, self.queue_options, self.settings = options, queue_options, settings
        self.host_id, self.invoker, self.sender, self.console = host_id, invoker, sender, console
        self.statuses = StatusStore(sender.accounts, host_id)
        self.faults: dict[str, str] = {}
        self._listeners: list[TimerListener | QueueListener] = []
        self._running: list[asyncio.Task[None]] = []

    def build(self, functions: list[Function]) -> None:
        """Make a listener for every enabled timer and queue function."""
        for function in functions:
            kind = function.trigger.type
            if kind == "httpTrigger" or is_disabled(self.settings, function.name):
                continue
            try:
                make = self._timer if kind == "timerTrigger" else self._queue
                self._listeners.append(make(function))
            except (HostError, ValueError) as error:
                self.faults[function.name] = str(error)

    def _timer(self, function: Function) -> TimerListener:
        if not self.sender.accounts.has(HOST_STORAGE):
            raise HostError(f"a timer needs the app setting {HOST_STORAGE}")
        text = expand_settings(function.trigger.text("schedule"), self.settings)
        name = f"locks/{self.host_id}/Host.Functions.{function.name}.Listener"
        return TimerListener(
            function,
            Schedule(text),
            self.invoker,
            self.statuses,
            Singleton(self.sender.accounts, name, self.options.timer_lease),
            self.options.timer_retry,
            self.console,
        )

    def _queue(self, function: Function) -> QueueListener:
        if function.retry is not None:
            self.console.event(f"Retry policies do not apply to queues: {function.name}")
        queue = expand_settings(function.trigger.text("queueName"), self.settings).lower()
        lease, console = self.options.queue_lease, self.console
        return QueueListener(
            function, queue, self.queue_options, self.invoker, self.sender, lease, console
        )

    def start(self) -> None:
        """Begin to listen."""
        self._running = [asyncio.create_task(listener.run()) for listener in self._listeners]
        for task in self._running:
            task.add_done_callback(self._report)

    def _report(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.console.event(f"A listener ended: {error!r}")

    def stop(self) -> None:
        """Take no more work; what runs goes on."""
        for listener in self._listeners:
            listener.stop()

    async def drain(self, seconds: float) -> None:
        """Wait for running work, no longer than this."""
        work: set[asyncio.Task[None]] = {task for task in self._running if not task.done()}
        for listener in self._listeners:
            if isinstance(listener, QueueListener):
                work |= listener.in_flight
        if work:
            await asyncio.wait(work, timeout=seconds)

    async def cancel(self) -> None:
        """End listeners that did not stop by themselves."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def run_by_hand(self, function: Function, text: str) -> None:
        """Run a timer or queue function now; `text` is the queue message."""
        if function.trigger.type == "timerTrigger":
            status = None
            if self.sender.accounts.has(HOST_STORAGE):
                status = await self.statuses.read(function.name)
            await run_timer(function, self.invoker, status, past_due=False)
            return
        message = QueueMessage(content=text, id=str(uuid.uuid4()), dequeue_count=1)
        metadata, data = trigger_metadata(message, text)
        reason = "This function was programmatically called via the host APIs."
        try:
            await self.invoker.invoke(
                function, Trigger(reason, Typed("string", text), metadata, data)
            )
        except InvocationFailed:
            return  # already reported; there is no message to settle
