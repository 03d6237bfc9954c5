"""The listener of one storage queue: receives, keeps hidden, and settles messages."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.host_json import QueueOptions
from infra.local.host.queue_messages import QueueSender, decode
from infra.local.host.retries import backoff
from infra.local.host.worker_pool import WorkerPool

MINIMUM_POLL = 0.1
NAME_LIMIT = 63
POISON = "-poison"


class Work(Protocol):
    """What is done with the messages of a queue."""

    group: str
    """The scale group whose worker does it."""

    async def run(self, message: QueueMessage, body: bytes) -> None:
        """Do it. Raises InvocationFailed."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where messages come from, and where those go that failed too often (None: nowhere)."""

    connection: str
    queue: str
    poison: str | None


class QueueListener:
    """Receives messages for one kind of work and settles them; times in seconds."""

    def __init__(
        self,
        source: Source,
        work: Work,
        pool: WorkerPool,
        options: QueueOptions,
        sender: QueueSender,
        lease: float,
        console: Console,
    ) -> None:
        self.source, self.queue, self.work, self.pool = source, source.queue, work, pool
        self.options, self.sender, self.lease, self.console = options, sender, lease, console
        self.client: QueueClient = sender.accounts.queue(source.connection, source.queue)
        self.bell = sender.bell(source.connection, source.queue)
        self.in_flight: set[asyncio.Task[None]] = set()
        self.stopping = False

    def stop(self) -> None:
        """Receive no more; messages in flight go on and are settled."""
        self.stopping = True
        self.bell.set()

    async def run(self) -> None:
        """Poll until stopped."""
        pauses = self._pauses()
        while not self.stopping:
            self.bell.clear()  # before looking: a message sent while we look must not be missed
            if await self._receive():
                pauses = self._pauses()
                while len(self.in_flight) > self.options.new_batch_threshold:
                    await asyncio.wait(self.in_flight, return_when=asyncio.FIRST_COMPLETED)
                continue
            if await self._rung(next(pauses)):
                pauses = self._pauses()

    def _pauses(self) -> Iterator[float]:
        return backoff(MINIMUM_POLL, self.options.max_polling_interval)

    async def _rung(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.bell.wait()
        except TimeoutError:
            return False
        return True

    async def _receive(self) -> bool:
        """Take one batch; False if there was none."""
        try:
            return await self._has_worker() and await self._take_batch()
        except ResourceNotFoundError:
            with contextlib.suppress(AzureError):
                await self.client.create_queue()
        except (AzureError, HostError) as error:
            self.console.event(f"Queue {self.queue}: {error}")
        return False

    async def _has_worker(self) -> bool:
        """Start the worker when there is something to do, and before a message is leased.

        The platform scales from zero the same way, so a worker that cannot start costs no attempt.
        """
        group = self.work.group
        if not self.pool.has(group) and await self.client.peek_messages():
            await self.pool.worker(group)
        return self.pool.has(group)

    async def _take_batch(self) -> bool:
        found, size = False, self.options.batch_size
        messages = self.client.receive_messages(
            messages_per_page=size, max_messages=size, visibility_timeout=int(self.lease)
        )
        async for message in messages:
            found = True
            task = asyncio.create_task(self._process(message))
            self.in_flight.add(task)
            task.add_done_callback(self.in_flight.discard)
        return found

    async def _process(self, message: QueueMessage) -> None:
        done = asyncio.Event()
        renewal = asyncio.create_task(self._renew(message, done))
        try:
            succeeded = await self._attempt(message)
        finally:
            done.set()
        # Not cancelled: a renewal under way changes the receipt that settling needs.
        await renewal
        try:
            await self._settle(message, succeeded=succeeded)
        except AzureError as error:
            self.console.event(f"Queue {self.queue}: cannot settle {message.id}: {error}")

    async def _attempt(self, message: QueueMessage) -> bool:
        count, limit = message.dequeue_count or 0, self.options.max_dequeue_count
        if count > limit:  # an earlier host died while it ran the last attempt
            return False
        try:
            body = decode(message.content, self.options.message_encoding)
        except ValueError:
            self.console.event(
                f"Queue {self.queue}: Message decoding has failed! Check MessageEncoding settings."
            )
            message.dequeue_count = limit  # to the poison queue at once
            return False
        try:
            await self.work.run(message, body)
        except InvocationFailed:
            return False
        return True

    async def _renew(self, message: QueueMessage, done: asyncio.Event) -> None:
        """Keep the message hidden until `done`."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.lease / 2):
                    await done.wait()
                return
            try:
                updated = await self.client.update_message(
                    message, visibility_timeout=int(self.lease)
                )
            except AzureError as error:
                self.console.event(f"Queue {self.queue}: cannot renew {message.id}: {error}")
                return
            message.pop_receipt = updated.pop_receipt

    async def _settle(self, message: QueueMessage, *, succeeded: bool) -> None:
        if succeeded:
            await self.client.delete_message(message)
        elif (message.dequeue_count or 0) < self.options.max_dequeue_count:
            await self.client.update_message(
                message, visibility_timeout=int(self.options.visibility_timeout)
            )
        elif (poison := self.source.poison) is not None:
            self.console.event(
                f"Message has reached MaxDequeueCount of {self.options.max_dequeue_count}. "
                f"Moving message to queue '{poison}'."
            )
            await self.sender.send_text(self.source.connection, poison, message.content)
            await self.client.delete_message(message)


def poison_queue(queue: str) -> str | None:
    """The poison queue of a queue; None if it has none: its bad messages come back for ever."""
    if queue.endswith(POISON) or len(queue) + len(POISON) > NAME_LIMIT:
        return None
    return queue + POISON
