"""The listener of one storage queue function."""

import asyncio
import contextlib
import json
import random
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from infra.local.host.connections import HOST_STORAGE
from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.functions import Function
from infra.local.host.host_json import QueueOptions
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.newtonsoft import print_token
from infra.local.host.queue_messages import QueueSender, decode
from infra.local.host.wire import Typed

MINIMUM_POLL = 0.1
NAME_LIMIT = 63
POISON = "-poison"


class QueueListener:
    """Receives messages for one function and settles them; times in seconds."""

    def __init__(
        self,
        function: Function,
        queue: str,
        options: QueueOptions,
        invoker: Invoker,
        sender: QueueSender,
        lease: float,
        console: Console,
    ) -> None:
        self.function, self.queue, self.options = function, queue, options
        self.invoker, self.sender, self.lease, self.console = invoker, sender, lease, console
        self.connection: str = function.trigger.get("connection", HOST_STORAGE)
        self.client: QueueClient = sender.accounts.queue(self.connection, queue)
        self.bell = sender.bell(self.connection, queue)
        self.in_flight: set[asyncio.Task[None]] = set()
        self.stopping = False

    def stop(self) -> None:
        """Receive no more; messages in flight go on and are settled."""
        self.stopping = True
        self.bell.set()

    async def run(self) -> None:
        """Poll until stopped."""
        pause = MINIMUM_POLL
        while not self.stopping:
            self.bell.clear()  # before looking: a message sent while we look must not be missed
            if await self._receive():
                pause = MINIMUM_POLL
                while len(self.in_flight) > self.options.new_batch_threshold:
                    await asyncio.wait(self.in_flight, return_when=asyncio.FIRST_COMPLETED)
                continue
            pause = MINIMUM_POLL if await self._rung(pause) else self._longer(pause)

    async def _rung(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(min(seconds, self.options.max_polling_interval)):
                await self.bell.wait()
        except TimeoutError:
            return False
        return True

    def _longer(self, pause: float) -> float:
        return min(pause * 2 * random.uniform(0.8, 1.2), self.options.max_polling_interval)

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
        pool, group = self.invoker.pool, self.function.group
        if not pool.has(group) and await self.client.peek_messages():
            await pool.worker(group)
        return pool.has(group)

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
        renewal = asyncio.create_task(self._renew(message))
        try:
            succeeded = await self._attempt(message)
        finally:
            renewal.cancel()
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
            await self.invoker.invoke(self.function, self._trigger(message, body))
        except InvocationFailed:
            return False
        return True

    def _trigger(self, message: QueueMessage, body: bytes) -> Trigger:
        text = body.decode("utf-8", errors="replace")
        binary = str(self.function.trigger.get("dataType", "")).lower() == "binary"
        metadata, data = trigger_metadata(message, text)
        return Trigger(
            reason=f"New queue message detected on '{self.queue}'.",
            value=Typed("bytes", body) if binary else Typed("string", text),
            metadata=metadata,
            data=data,
        )

    async def _renew(self, message: QueueMessage) -> None:
        """Keep the message hidden for as long as the function runs."""
        while True:
            await asyncio.sleep(self.lease / 2)
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
        elif (poison := poison_queue(self.queue)) is not None:
            self.console.event(
                f"Message has reached MaxDequeueCount of {self.options.max_dequeue_count}. "
                f"Moving message to queue '{poison}'."
            )
            await self.sender.send_text(self.connection, poison, message.content)
            await self.client.delete_message(message)


def poison_queue(queue: str) -> str | None:
    """The poison queue of a queue; None if it has none: its bad messages come back for ever."""
    if queue.endswith(POISON) or len(queue) + len(POISON) > NAME_LIMIT:
        return None
    return queue + POISON


def trigger_metadata(message: QueueMessage, text: str) -> tuple[dict[str, Typed], dict[str, Any]]:
    """What a function learns beside the body, and the binding data for expressions.

    Top-level properties of a JSON body are binding data too, except arrays; the trigger's own
    names win.
    """
    own: dict[str, Any] = {
        "QueueTrigger": text,
        "Id": message.id,
        "PopReceipt": message.pop_receipt,
        "DequeueCount": message.dequeue_count,
        "InsertionTime": _moment(message.inserted_on),
        "ExpirationTime": _moment(message.expires_on),
        "NextVisibleTime": _moment(message.next_visible_on),
    }
    plain = ("QueueTrigger", "Id", "PopReceipt")
    metadata = {
        name: Typed("string", value or "") if name in plain else Typed("json", json.dumps(value))
        for name, value in own.items()
    }
    body = _properties(text)
    for name, value in body.items():
        if name not in metadata:
            nested = isinstance(value, dict)
            metadata[name] = (
                Typed("json", json.dumps(value)) if nested else Typed("string", print_token(value))
            )
    return metadata, {**body, **own}


def _moment(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _properties(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {k: v for k, v in document.items() if not isinstance(v, list) and v is not None}
