"""Makes one sample an hour of those that workers kept of their requests, and forgets the old ones."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.core.logs import log
from shared.core.work import At, Cadence, Ended, Work
from shared.store.registers.request_samples import RequestSamples
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors
from shared.usecases.sample_requests import KEPT_WITHIN

KEPT_FOR = timedelta(days=35)


def merge_samples(samples: RequestSamples, now: datetime) -> int:
    """Merge the hours to which no worker adds any more; return how many rows that were.

    A batch is kept, or given up, within ten minutes: by then it is in its hour, or never will be.
    """
    return sum(samples.merge(hour) for hour in samples.hours_to_merge(now - 2 * KEPT_WITHIN))


async def _run(run: Run, doors: WorkDoors) -> Ended:
    """Idempotent: an hour that is merged has one row, and a later one would be merged into it."""
    samples = RequestSamples(doors.engine)
    merged = await asyncio.to_thread(merge_samples, samples, run.started_at)
    forgotten = await asyncio.to_thread(samples.forget, run.started_at - KEPT_FOR)
    log("samples_merged", merged=merged, forgotten=forgotten)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"requests": At("25 * * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
