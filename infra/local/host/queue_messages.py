"""Sending to storage queues, and waking this host's own listeners when it does."""

import asyncio
import base64
import contextlib
from collections import defaultdict
from typing import Literal

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from infra.local.host.connections import StorageAccounts

type Encoding = Literal["base64", "none"]


def encode(body: bytes, encoding: Encoding) -> str:
    """The text of a message that carries `body`."""
    return base64.b64encode(body).decode() if encoding == "base64" else body.decode()


def decode(text: str, encoding: Encoding) -> bytes:
    """The body of a message. Raises ValueError if the text is not base64 although it should be."""
    return base64.b64decode(text, validate=True) if encoding == "base64" else text.encode()


class QueueSender:
    """Sends messages, making queues on demand, and rings the listeners of the same queue.

    A message from elsewhere has no bell: it waits for the listener's next poll, as on the
    platform.
    """

    def __init__(self, accounts: StorageAccounts, encoding: Encoding) -> None:
        self.accounts, self.encoding = accounts, encoding
        self._bells: defaultdict[tuple[str, str], list[asyncio.Event]] = defaultdict(list)

    def bell(self, connection: str, queue: str) -> asyncio.Event:
        """An event that is set whenever this host sends to the queue."""
        event = asyncio.Event()
        self._bells[connection, queue].append(event)
        return event

    async def send(self, connection: str, queue: str, body: bytes) -> None:
        """Send one message. Raises azure.core errors, and ValueError for text that is no UTF-8."""
        await self.send_text(connection, queue, encode(body, self.encoding))

    async def send_text(self, connection: str, queue: str, text: str) -> None:
        """Send one message whose text is already encoded."""
        client = self.accounts.queue(connection, queue)
        try:
            await client.send_message(text)
        except ResourceNotFoundError:
            with contextlib.suppress(ResourceExistsError):  # another output made it just now
                await client.create_queue()
            await client.send_message(text)
        for event in self._bells[connection, queue]:
            event.set()
