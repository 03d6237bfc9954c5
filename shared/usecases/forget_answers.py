"""Forgets the answers that were kept for requests that come again, when their day is over."""

import asyncio
from collections.abc import Mapping

from shared.core.logs import log
from shared.core.work import At, Cadence, Ended, Work
from shared.store.registers.kept_answers import KeptAnswers
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors


async def _run(run: Run, doors: WorkDoors) -> Ended:
    """Idempotent. An answer whose time is over is given to nobody, also while it is still there."""
    forgotten = await asyncio.to_thread(KeptAnswers(doors.engine).forget, run.started_at)
    log("answers_forgotten", count=forgotten)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"answers": At("40 3 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
