"""Keeps a run while its worker waits: Graph may take longer over one page than a lease lasts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from shared.core import clock
from shared.core.errors import StoreUnavailable
from shared.core.logs import log
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs

BEAT = timedelta(seconds=30)
# No page takes as long with all its tries and waits. A worker that hangs shall lose its run.
LONGEST_PAGE = timedelta(minutes=15)


@asynccontextmanager
async def kept(runs: Runs, run: Run) -> AsyncGenerator[None]:
    """Prolong the lease of `run` from time to time inside the block."""
    beating = asyncio.create_task(_beat(runs, run))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait((beating,))


async def _beat(runs: Runs, run: Run) -> None:
    version, since = run.version, clock.now()
    while clock.now() - since < LONGEST_PAGE:
        await clock.sleep(BEAT.total_seconds())
        if run.version != version:
            version, since = run.version, clock.now()
        try:
            await asyncio.to_thread(runs.keep, run, clock.now())
        except StoreUnavailable as error:
            log("lease_not_kept", cause=error.code)
