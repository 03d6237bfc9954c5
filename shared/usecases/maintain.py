"""The nightly upkeep: partitions exist before their month begins, and counts of yesterday are forgotten."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from shared.core.logs import log
from shared.core.registry import collector, kept
from shared.core.work import At, Cadence, Ended, Work
from shared.store.registers.graph_answers import GraphAnswers
from shared.store.registers.rate_windows import RateWindows
from shared.store.schema.partitions import PartitionKeeper, months_ahead
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

# A report as of a day of the last week still tells how Graph answered.
ANSWERS_KEPT_FOR = timedelta(days=8)


def maintain(partitions: PartitionKeeper, now: datetime) -> None:
    """Make the partitions of this month and the two that follow, for every dataset of events."""
    months = [datetime.combine(day, time(), UTC) for day in months_ahead(now)]
    for dataset in kept():
        if collector(dataset).shape == "event":
            partitions.ensure(dataset, months)
    log("partitions_made", months=[month.strftime("%Y-%m") for month in months])


async def _run(run: Run, doors: WorkDoors) -> Ended:
    """Idempotent: a missed night is caught up by the next, and loading makes what it needs."""
    await asyncio.to_thread(maintain, PartitionKeeper(doors.engine), run.started_at)
    await asyncio.to_thread(RateWindows(doors.engine).forget)
    old = run.started_at - ANSWERS_KEPT_FOR
    await asyncio.to_thread(GraphAnswers(doors.engine).forget, old)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"partitions": At("30 3 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
