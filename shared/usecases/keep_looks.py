"""Looks at every component of the service each quarter of an hour, and keeps what was seen."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from shared.core import clock
from shared.core.work import At, Cadence, Ended, Work
from shared.store.registers.component_looks import ComponentLooks
from shared.store.work.run_records import Run
from shared.usecases.check_components import check_components
from shared.usecases.doors import WorkDoors
from shared.usecases.evidence import Evidence

# A self-test as of a day of the last month still tells how the service was.
KEPT_FOR = timedelta(days=35)


def keep_looks(doors: WorkDoors) -> None:
    """Keep how each component is now. Raises StoreUnavailable: then the next quarter tells more."""
    now, looks = clock.now(), ComponentLooks(doors.engine)
    seen = check_components(Evidence(doors.engine, doors.keyring(), now))
    looks.keep({one.component.name: one.look for one in seen}, now)
    looks.forget(now - KEPT_FOR)


async def _run(_: Run, doors: WorkDoors) -> Ended:
    await asyncio.to_thread(keep_looks, doors)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {"components": At("*/15 * * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
