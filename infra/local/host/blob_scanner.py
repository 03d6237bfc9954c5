"""Finds blobs that are new or were changed, and puts a message about each on the internal queue.

A receipt is kept for every version of a blob that a message was sent for, in
`azure-webjobs-hosts/blobreceipts/{hostId}/{function}/{etag}/{container}/{blob}`: other hosts and
later starts do not send it again. The message goes out before the receipt is written, so a host
killed in between sends it twice rather than never.
"""

import asyncio
import base64
import contextlib
from collections.abc import Sequence

import msgspec
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

from infra.local.host.blob_path import BlobPath
from infra.local.host.blob_trigger import BlobMessage, bare, function_id
from infra.local.host.connections import HOST_STORAGE
from infra.local.host.console import Console
from infra.local.host.errors import HostError
from infra.local.host.functions import Function
from infra.local.host.leases import CONTAINER, Singleton
from infra.local.host.queue_messages import QueueSender

LOCK = "WebJobs.Internal.Blobs.Listener"


def internal_queue(host_id: str) -> str:
    """The queue between the scanners and the functions of one app."""
    return f"azure-webjobs-blobtrigger-{host_id}"


class BlobScanner:
    """Scans the containers of all blob triggers, on one host of the app at a time."""

    def __init__(
        self,
        triggers: Sequence[tuple[Function, BlobPath]],
        host_id: str,
        sender: QueueSender,
        lock: Singleton,
        written: asyncio.Event,
        pause: float,
        console: Console,
    ) -> None:
        """`written` is set when this host writes a blob; otherwise it looks every `pause` s."""
        self.triggers, self.host_id, self.sender, self.lock = triggers, host_id, sender, lock
        self.written, self.pause, self.console = written, pause, console
        self._known: dict[tuple[str, str], str] = {}
        self.stopping = False

    def stop(self) -> None:
        """Scan no more."""
        self.stopping = True
        self.written.set()

    async def run(self) -> None:
        """Scan while the lease is ours, until stopped."""
        try:
            while not self.stopping:
                self.written.clear()  # before looking: a blob written while we look counts
                try:
                    if self.lock.held or await self.lock.acquire():
                        await self._scan()
                except (AzureError, HostError) as error:
                    self.console.event(f"Blob trigger: {error}")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.pause):
                        await self.written.wait()
        finally:
            await self.lock.release()

    async def _scan(self) -> None:
        for function, path in self.triggers:
            connection = function.trigger.get("connection", HOST_STORAGE)
            container = self.sender.accounts.container(connection, path.container)
            try:
                async for blob in container.list_blobs(name_starts_with=path.prefix or None):
                    key, etag = (function.name, blob.name), bare(blob.etag)
                    if self._known.get(key) != etag and path.match(blob.name) is not None:
                        await self._tell(function, path.container, blob.name, etag)
                        self._known[key] = etag
            except ResourceNotFoundError:
                continue  # the container may come later

    async def _tell(self, function: Function, container: str, name: str, etag: str) -> None:
        """Send the message about one version of a blob, unless a receipt says it was sent."""
        whose = function_id(function.name)
        accounts = self.sender.accounts
        path = f'blobreceipts/{self.host_id}/{whose}/"{etag}"/{container}/{name}'
        receipt = accounts.blob(HOST_STORAGE, CONTAINER, path)
        if await receipt.exists():
            return
        message = BlobMessage(whose, container, name, etag)
        text = base64.b64encode(msgspec.json.encode(message)).decode()
        await self.sender.send_text(HOST_STORAGE, internal_queue(self.host_id), text)
        with contextlib.suppress(ResourceExistsError):
            await receipt.upload_blob(b"", overwrite=False)
