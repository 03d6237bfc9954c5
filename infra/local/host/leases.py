"""The singleton lease: one holder of a blob's lease among all hosts of an app."""

import asyncio
import contextlib

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob.aio import BlobLeaseClient

from infra.local.host.connections import HOST_STORAGE, StorageAccounts

CONTAINER = "azure-webjobs-hosts"
RETRY = 1.0  # seconds between tries to renew
LOST = (404, 409, 412)  # answers that say that the lease is no longer ours


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
            try:
                lease = await blob.acquire_lease(lease_duration=self.seconds)
            except ResourceNotFoundError:
                await self.accounts.make_container(HOST_STORAGE, CONTAINER)
                # Another host may make it, and even lease it, at the same time.
                with contextlib.suppress(ResourceExistsError, ResourceModifiedError):
                    await blob.upload_blob(b"", overwrite=False)
                lease = await blob.acquire_lease(lease_duration=self.seconds)
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
        """Renew at half time; a passing fault is tried again for as long as the lease lasts."""
        clock = asyncio.get_running_loop().time
        lasts_until, pause = clock() + self.seconds, self.seconds / 2
        while True:
            await asyncio.sleep(pause)
            begun = clock()
            try:
                await lease.renew(retry_total=0)  # the tries are ours
            except AzureError as error:
                taken = isinstance(error, HttpResponseError) and error.status_code in LOST
                if taken or clock() + RETRY >= lasts_until:
                    break
                pause = RETRY
            else:
                lasts_until, pause = begun + self.seconds, self.seconds / 2
        self.held = False
        self.changed.set()
