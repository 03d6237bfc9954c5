"""Forgets jobs that were asked for a month ago; the ledger keeps what became of their runs."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from shared.core.logs import log
from shared.core.work import At, Cadence, Ended, Work
from shared.store.work.jobs import Jobs
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

KEPT_FOR = timedelta(days=30)


async def _run(run: Run, doors: WorkDoors) -> Ended:
    """Idempotent."""
    forgotten = await asyncio.to_thread(Jobs(doors.engine).forget, run.started_at - KEPT_FOR)
    log("jobs_forgotten", count=forgotten)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"jobs": At("50 3 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
