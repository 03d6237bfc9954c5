"""All timer, queue and blob listeners of an app, and running one of its functions by hand."""

import asyncio
import uuid
from collections.abc import Mapping

from azure.storage.queue import QueueMessage

from infra.local.host.blob_path import BlobPath
from infra.local.host.blob_scanner import LOCK, BlobScanner, internal_queue
from infra.local.host.blob_trigger import POISON_QUEUE, BlobWork, function_id
from infra.local.host.connections import HOST_STORAGE
from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.expressions import expand_settings
from infra.local.host.functions import Function
from infra.local.host.host_json import HostJson, QueueOptions
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.leases import Singleton
from infra.local.host.ncrontab import Schedule
from infra.local.host.options import HostOptions
from infra.local.host.queue_messages import QueueSender
from infra.local.host.queue_trigger import QueueWork, trigger_metadata
from infra.local.host.queues import QueueListener, Source, Work, poison_queue
from infra.local.host.schedule_status import StatusStore
from infra.local.host.settings import is_disabled
from infra.local.host.timers import TimerListener, run_timer
from infra.local.host.wire import Typed


class Listeners:
    """Starts, stops and drains listeners; a function whose listener cannot be built has a fault."""

    def __init__(
        self,
        options: HostOptions,
        host_json: HostJson,
        settings: Mapping[str, str],
        host_id: str,
        invoker: Invoker,
        sender: QueueSender,
        console: Console,
    ) -> None:
        self.options, self.host_json, self.settings = options, host_json, settings
        self.host_id, self.invoker, self.sender, self.console = host_id, invoker, sender, console
        self.statuses = StatusStore(sender.accounts, host_id)
        self.faults: dict[str, str] = {}
        self._listeners: list[TimerListener | QueueListener | BlobScanner] = []
        self._running: list[asyncio.Task[None]] = []

    def build(self, functions: list[Function]) -> None:
        """Make the listeners of every enabled timer, queue and blob function."""
        blobs: dict[str, tuple[Function, BlobPath]] = {}
        for function in functions:
            if is_disabled(self.settings, function.name):
                continue
            try:
                match function.trigger.type:
                    case "timerTrigger":
                        self._listeners.append(self._timer(function))
                    case "queueTrigger":
                        self._listeners.append(self._queue(function))
                    case "blobTrigger":
                        blobs[function_id(function.name)] = (function, self._blob_path(function))
            except (HostError, ValueError) as error:
                self.faults[function.name] = str(error)
        if blobs:
            self._listeners += self._blobs(blobs)

    def _timer(self, function: Function) -> TimerListener:
        if not self.sender.accounts.has(HOST_STORAGE):
            raise HostError(f"a timer needs the app setting {HOST_STORAGE}")
        text = expand_settings(function.trigger.text("schedule"), self.settings)
        return TimerListener(
            function,
            Schedule(text),
            self.invoker,
            self.statuses,
            self._lock(f"Host.Functions.{function.name}.Listener"),
            self.options.timer_retry,
            self.console,
        )

    def _queue(self, function: Function) -> QueueListener:
        if function.retry is not None:
            self.console.event(f"Retry policies do not apply to queues: {function.name}")
        queue = expand_settings(function.trigger.text("queueName"), self.settings).lower()
        connection = function.trigger.get("connection", HOST_STORAGE)
        return self._receiver(
            Source(connection, queue, poison_queue(queue)),
            QueueWork(function, queue, self.invoker),
            self.host_json.queues,
        )

    def _receiver(self, source: Source, work: Work, options: QueueOptions) -> QueueListener:
        lease, pool = self.options.queue_lease, self.invoker.pool
        return QueueListener(source, work, pool, options, self.sender, lease, self.console)

    def _lock(self, name: str) -> Singleton:
        path = f"locks/{self.host_id}/{name}"
        return Singleton(self.sender.accounts, path, self.options.timer_lease)

    def _blob_path(self, function: Function) -> BlobPath:
        if str(function.trigger.get("source", "")).lower() == "eventgrid":
            raise ValueError("Event Grid does not reach this host: use a polling blob trigger")
        for connection in (HOST_STORAGE, function.trigger.get("connection", HOST_STORAGE)):
            if not self.sender.accounts.has(connection):
                raise HostError(f"a blob trigger needs the app setting {connection}")
        return BlobPath.parse(expand_settings(function.trigger.text("path"), self.settings))

    def _blobs(
        self, blobs: dict[str, tuple[Function, BlobPath]]
    ) -> tuple[BlobScanner, QueueListener]:
        written, pause = self.invoker.bindings.blob_written, self.options.blob_poll
        scanner = BlobScanner(
            list(blobs.values()), self.host_id, self.sender, self._lock(LOCK), written, pause,
            self.console,
        )  # fmt: skip
        options = QueueOptions(max_dequeue_count=self.host_json.poison_blob_threshold)
        source = Source(HOST_STORAGE, internal_queue(self.host_id), POISON_QUEUE)
        work = BlobWork(blobs, self.invoker, self.console)
        return scanner, self._receiver(source, work, options)

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
        """Run a timer, queue or warm-up function now; `text` is the queue message."""
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
