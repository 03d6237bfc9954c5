"""The singleton lease: one holder of a blob's lease among all hosts of an app."""

import asyncio
import contextlib

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.storage.blob.aio import BlobLeaseClient

from infra.local.host.connections import HOST_STORAGE, StorageAccounts

CONTAINER = "azure-webjobs-hosts"


class Singleton:
    """A blob lease that is renewed while held; seconds as the storage service takes them."""

    def __init__(self, accounts: StorageAccounts, name: str, seconds: int) -> None:
        self.accounts, self.name, self.seconds = accounts, name, seconds
        self.held = False
        self.changed = asyncio.Event()
        """Set when the lease is lost, or by a holder that wants to be woken."""
        self._lease: BlobLeaseClient | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def acquire(self) -> bool:
        """Try once; False if another host holds the lease. Raises azure.core errors."""
        blob = self.accounts.blob(HOST_STORAGE, CONTAINER, self.name)
        try:
            lease = await blob.acquire_lease(lease_duration=self.seconds)
        except ResourceNotFoundError:
            await self.accounts.make_container(HOST_STORAGE, CONTAINER)
            with contextlib.suppress(ResourceExistsError, HttpResponseError):
                await blob.upload_blob(b"", overwrite=False)
            return await self.acquire()
        except ResourceExistsError:
            return False
        self.held = True
        self.changed.clear()
        self._lease = lease
        self._renewing = asyncio.create_task(self._renew(lease))
        return True

    async def release(self) -> None:
        """Give the lease up; a lease that is already gone is no error."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._lease is not None and self.held:
            self.held = False
            with contextlib.suppress(AzureError):
                await self._lease.release()

    async def _renew(self, lease: BlobLeaseClient) -> None:
        try:
            while True:
                await asyncio.sleep(self.seconds / 2)
                await lease.renew()
        except AzureError:
            self.held = False
            self.changed.set()
