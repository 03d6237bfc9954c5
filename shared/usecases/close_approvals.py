"""Calls off what nobody has decided in time, every quarter of an hour."""

import asyncio
from collections.abc import Mapping

from shared.core import clock
from shared.core.logs import log
from shared.core.work import At, Cadence, Ended, Work
from shared.store.work.run_records import Run
from shared.usecases.decide_approval import close_expired
from shared.usecases.doors import WorkDoors


async def _run(_: Run, doors: WorkDoors) -> Ended:
    """Idempotent. What has expired can be approved by nobody, also while it is not called off yet."""
    closed = await asyncio.to_thread(close_expired, doors.engine, clock.now())
    log("approvals_expired", count=closed)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"approvals": At("*/15 * * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
