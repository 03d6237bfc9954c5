"""Takes away what each tenant keeps no longer, by night: old versions thinned, what is too old dropped.

Some rows at a time, and with them, in one transaction, what is left of the past: no question is ever
answered from a past that is not there. Killed, it goes on; done twice, the second finds nothing.
What it took and by which policies is told in the tenant's audit log, once.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import clock
from shared.core.audit import DONE, AuditEvent, json_text
from shared.core.logs import log
from shared.core.retention import Retention
from shared.core.work import At, Cadence, Ended, GoesOn, Work
from shared.store.datasets.retaining import Retaining
from shared.store.registers.imported_reports import ImportedReports
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

if TYPE_CHECKING:
    from shared.store.datasets.thinning import Going


def retain_tenant(
    doors: WorkDoors, tenant_id: UUID, run: Run, ends: float, named: Sequence[str] | None = None
) -> bool:
    """Apply the policies of one tenant as of the day the run began; return whether that was all.

    `ends` is when to leave off, by the clock of `time.monotonic`. Raises Superseded between two
    steps if the run is another worker's by now.
    """
    retaining = Retaining(doors.engine, tenant_id, doors.collector, named)
    for thinning in retaining.begin(run.run_id, run.started_at).values():
        after: str | None = ""
        while after is not None:
            doors.runs.require_held(run)
            _, after = thinning.step(doors.engine, after)
            if time.monotonic() >= ends:
                return False

    def event_of(went: "Mapping[str, Going]", own: Mapping[str, Retention]) -> AuditEvent:
        return _event(tenant_id, run, went, own)

    went = retaining.tell(run.run_id, event_of)
    files = ImportedReports(doors.engine, tenant_id).retain(run.started_at)
    rows = sum(one.rows for one in went.values())
    log("history_retained", tenant=tenant_id, rows=rows, imported_files=files)
    return True


def _event(
    tenant_id: UUID, run: Run, went: "Mapping[str, Going]", own: Mapping[str, Retention]
) -> AuditEvent:
    """What went from where, and by which policies: those of the tenant, else the defaults."""
    taken = {
        name: {"thinned": going.thinned, "dropped": going.dropped} for name, going in went.items()
    }
    policies = {name: policy.told() for name, policy in own.items()}
    return AuditEvent(
        tenant_id=tenant_id,
        at=clock.now(),
        act="retention.apply",
        result=DONE,
        caller="work:retain",
        authority=f"work {run.trigger}",
        request_id=str(run.run_id),
        after=json_text(
            {"day": f"{run.started_at:%Y-%m-%d}", "taken": taken, "policies": policies}
        ),
    )


async def _run(run: Run, doors: WorkDoors) -> Ended | GoesOn:
    """Tenants by id, from the one that the last part came to; what is removed waits for its purge."""
    place = run.checkpoint if run.continues and run.checkpoint else {}
    ends = time.monotonic() + doors.slice_seconds
    every = await asyncio.to_thread(Tenants(doors.engine).all)
    left = sorted(str(one.tenant_id) for one in every if one.state != "removed")
    for tenant in left:
        if tenant < str(place.get("from", "")):
            continue
        if not await asyncio.to_thread(retain_tenant, doors, UUID(tenant), run, ends):
            return GoesOn(place={"from": tenant})
    return Ended(state="ok", place={})


def _schedule() -> Mapping[str, Cadence]:
    return {"history": At("45 3 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
