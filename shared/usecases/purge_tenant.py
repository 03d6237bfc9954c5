"""Deletes what is kept of a removed tenant, for ever: work of the deployment, as it has none left."""

import asyncio
from uuid import UUID

from shared.core import clock
from shared.core.errors import Conflict, NotFound
from shared.core.work import Ended, GoesOn, Outcome, Work
from shared.store.registers.purge import purge_steps
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

KIND = "purge_tenant"


async def _run(run: Run, doors: WorkDoors) -> Outcome:
    """A step is a table, and each may be done twice. It ends where the tenant is connected again."""
    begun, steps = clock.now(), purge_steps(doors.engine, UUID(run.subject))
    try:
        while await asyncio.to_thread(next, steps, None) is not None:
            await asyncio.to_thread(doors.runs.require_held, run)
            if (clock.now() - begun).total_seconds() >= doors.slice_seconds:
                return GoesOn()
    except (Conflict, NotFound) as error:
        return Ended(state="failed", cause=error.code, detail=error.message())
    return Ended(state="ok")


WORK = Work(run=_run, of_tenant=False, names="tenant", changes="tenant.purge")
