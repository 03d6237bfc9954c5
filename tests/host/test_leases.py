"""The singleton lease, through a line to the storage account that can be cut."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from azure.storage.blob.aio import BlobLeaseClient

from infra.local.host.connections import StorageAccounts
from infra.local.host.leases import Singleton
from tests.fixtures.relay import Relay
from tests.host.running_host import unique

pytestmark = [pytest.mark.stack, pytest.mark.slow]
LEASE = 15  # seconds, the shortest there is


class Line(Relay):
    """A relay to Azurite; `cut` refuses new connections, hanging up ends those there are."""

    cut = False

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one caller through, unless the line is cut."""
        if self.cut:
            writer.transport.abort()
            return
        await super().join(reader, writer)

    def hang_up(self) -> None:
        """End every connection, and refuse new ones."""
        self.cut = True
        super().hang_up()


@asynccontextmanager
async def line_to(azurite: str) -> AsyncIterator[tuple[Line, StorageAccounts]]:
    """A line, and the account at the other end of it."""
    found = re.search(r"BlobEndpoint=http://127\.0\.0\.1:(\d+)/", azurite)
    assert found
    line = Line(int(found[1]))
    port = await line.listen()
    through = azurite.replace(
        f"BlobEndpoint=http://127.0.0.1:{found[1]}", f"BlobEndpoint=http://127.0.0.1:{port}"
    )
    accounts = StorageAccounts({"AzureWebJobsStorage": through})
    try:
        yield line, accounts
    finally:
        await accounts.close()
        await line.close()


def test_a_cut_line_at_renewal_does_not_lose_the_lease(azurite: str) -> None:
    async def hold() -> None:
        async with line_to(azurite) as (line, accounts):
            lock = Singleton(accounts, unique("locks/x"), LEASE)
            assert await lock.acquire()
            line.hang_up()
            await asyncio.sleep(LEASE / 2 + 1.5)  # a renewal has failed
            line.cut = False
            await asyncio.sleep(LEASE / 2 + 1)  # the first lease would be over
            assert lock.held
            assert not lock.changed.is_set()
            assert not await Singleton(accounts, lock.name, LEASE).acquire()
            await lock.release()
            assert await Singleton(accounts, lock.name, LEASE).acquire()

    asyncio.run(hold())


def test_a_lease_that_another_took_is_lost(azurite: str) -> None:
    async def lose() -> None:
        async with line_to(azurite) as (_, accounts):
            lock = Singleton(accounts, unique("locks/x"), LEASE)
            assert await lock.acquire()
            blob = accounts.blob("AzureWebJobsStorage", "azure-webjobs-hosts", lock.name)
            await BlobLeaseClient(blob).break_lease(lease_break_period=0)
            assert await Singleton(accounts, lock.name, LEASE).acquire()
            async with asyncio.timeout(LEASE):
                await lock.changed.wait()
            assert not lock.held

    asyncio.run(lose())
