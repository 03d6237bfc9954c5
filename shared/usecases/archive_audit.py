"""Moves old audit events out of the database into sealed files, which are kept for seven years.

A chain's oldest month leaves as soon as all of it is older than the events are kept in the database:
written to the archive, read back, compared with the rows and proved as a part of the chain, and only
then deleted. Whatever it is killed at, the next night goes on: a file that is there already is not
written again, but read, compared and proved like a new one; no name is ever given twice.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from shared.core import clock
from shared.core.audit import ChainedEvent
from shared.core.audit_file import file_name, opened_file, sealed_file
from shared.core.audit_proof import Head, prove
from shared.core.errors import Conflict, KanriError, SealBroken, StorageUnavailable
from shared.core.logs import log, log_failure
from shared.core.work import At, Cadence, Ended, GoesOn, Work
from shared.store.audit.chains import AuditChains
from shared.store.audit.leaving import Leaving, next_to_leave, release
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

# Events of a file: about a megabyte, and some ten in memory.
MOST_EVENTS = 20_000


def archive_month(doors: WorkDoors, tenant_id: UUID, now: datetime) -> bool:
    """Move the oldest month of a chain, or the first events of it; return whether there was any.

    Raises StorageUnavailable, SealBroken, and Conflict (`audit_not_proved`) if rows and file are
    not the same unbroken part of the chain; then nothing is deleted.
    """
    before = now - timedelta(days=doors.audit_hot_days)
    leaving = next_to_leave(doors.engine, tenant_id, before, MOST_EVENTS)
    if leaving is None:
        return False
    name = file_name(tenant_id, leaving.first_at, leaving.before.seq + 1)
    archive, keyring = doors.archive(), doors.keyring()
    if archive.get(name) is None:
        archive.put(name, sealed_file(_rows(doors, leaving, leaving.last), name, keyring))
    content = archive.get(name) or b""
    filed = opened_file(content, tenant_id, name, keyring)
    head = _proved(doors, leaving, filed, name)
    release(doors.engine, head, leaving.before.seq + 1, name, hashlib.sha256(content).digest())
    log("audit_archived", tenant=tenant_id, first=leaving.before.seq + 1, last=head.seq, file=name)
    return True


def _rows(doors: WorkDoors, leaving: Leaving, last: int) -> list[ChainedEvent]:
    chains, before = AuditChains(doors.engine), leaving.before
    with chains.events(before.tenant_id, after=before.seq, last=last) as found:
        return list(found)


def _proved(doors: WorkDoors, leaving: Leaving, filed: list[ChainedEvent], name: str) -> Head:
    """Return the head of what the file holds, once it is what the rows say and follows from before."""
    last = filed[-1].seq if filed else leaving.before.seq
    proof = prove(filed, leaving.before, [])
    if proof.findings or last > leaving.last or filed != _rows(doors, leaving, last):
        raise Conflict("audit_not_proved", parameter="audit", file=name)
    return proof.head


def archive_audit(doors: WorkDoors, now: datetime) -> tuple[bool, KanriError | None]:
    """Move what is old of every chain; return whether that was all, and what kept one from leaving.

    A chain in trouble holds up no other.
    """
    ends, trouble = time.monotonic() + doors.slice_seconds, None
    for head in AuditChains(doors.engine).heads():
        try:
            while archive_month(doors, head.tenant_id, now):
                if time.monotonic() >= ends:
                    return False, trouble
        except (SealBroken, Conflict) as error:
            log_failure("audit_not_archived", error, tenant=head.tenant_id)
            trouble = error
    return True, trouble


async def _run(_: Run, doors: WorkDoors) -> Ended | GoesOn:
    try:
        done, trouble = await asyncio.to_thread(archive_audit, doors, clock.now())
    except StorageUnavailable as error:
        return Ended(state="failed", cause=error.code, detail=error.message(), retry=True)
    if trouble is not None:
        return Ended(state="partial", cause=trouble.code, detail=trouble.message())
    return Ended(state="ok") if done else GoesOn()


def _schedule() -> Mapping[str, Cadence]:
    return {"events": At("15 4 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
