"""Veils, by night, what was collected anew of persons that were erased: late reports, old traces."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.core.errors import Conflict, KanriError, SealBroken
from shared.core.logs import log_failure
from shared.core.masking import key_of
from shared.core.person import Veil
from shared.core.work import DEPLOYMENT, At, Cadence, Ended, GoesOn, Outcome, Work
from shared.store.registers.secrets import Secrets
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors
from shared.usecases.erase_person import label_of, veil_all

if TYPE_CHECKING:
    from shared.store.persons.requests import PersonRequest

# What was known so long before a night that ended well was looked at by that one, or by those before:
# what is told at once may be stored late.
_REACH = timedelta(days=4)


def veil_again(
    doors: WorkDoors, run: Run, ends: float, begin: str = ""
) -> tuple[str | None, KanriError | None]:
    """Go through the erasures by id; return from which one on to go on when the time was up, and what
    kept one from being done. One in trouble holds up no other, as little as a dataset that is held does:
    what was passed by is looked at as soon as a night can, however long that takes.
    """
    from shared.store.persons.requests import PersonRequests

    every = Tenants(doors.engine).all()
    tenants = [one.tenant_id for one in every if one.state != "removed"]
    erasures = [one for own in tenants for one in PersonRequests(doors.engine, own).erased()]
    trouble: KanriError | None = None
    well = _ended_well(doors)
    for request in sorted(erasures, key=lambda one: str(one.request_id)):
        if str(request.request_id) < begin:
            continue
        held: list[Conflict] = []
        try:
            whole = _veil(doors, run, request, ends, well, held)
        except SealBroken as error:
            log_failure("person_not_veiled", error, tenant=request.tenant_id)
            trouble = error
            continue
        for one in held[:1]:
            log_failure("person_not_veiled", one, tenant=request.tenant_id)
            trouble = one
        if not whole:
            return str(request.request_id), trouble
    return None, trouble


def _ended_well(doors: WorkDoors) -> datetime | None:
    """When a night last left nothing out; None if none did yet."""
    from shared.store.work.standing import work_standing

    stands = work_standing(doors.engine, "veil_again", (DEPLOYMENT,))
    return max((one.well_at for one in stands if one.well_at is not None), default=None)


def _veil(
    doors: WorkDoors,
    run: Run,
    request: "PersonRequest",
    ends: float,
    well: datetime | None,
    held: list[Conflict],
) -> bool:
    """Veil what is known since the last night that ended `well`; tell whether that was all.

    What is `held` is passed by.
    """
    from shared.store.persons.requests import read_identity

    plain = doors.keyring().open(request.sealed or b"", label_of(request))
    identity = read_identity(msgspec.json.decode(plain))
    secret = Secrets(doors.engine, doors.keyring()).pseudonym_secret
    veil = Veil(identity, key_of(secret, request.tenant_id))
    since = max(filter(None, (well, request.done_at)), default=request.asked_at) - _REACH
    left = veil_all(
        doors, request, identity, veil, run, begin="", ends=ends, since=since, passed_by=held
    )
    return left is None


async def _run(run: Run, doors: WorkDoors) -> Outcome:
    place = run.checkpoint if run.continues and run.checkpoint else {}
    ends = time.monotonic() + doors.slice_seconds
    left, trouble = await asyncio.to_thread(
        veil_again, doors, run, ends, str(place.get("from", ""))
    )
    told = (
        (trouble.code, trouble.message()) if trouble else (place.get("cause"), place.get("detail"))
    )
    cause, detail = (None if one is None else str(one) for one in told)
    if left is not None:  # what was in trouble before is told at the end
        return GoesOn(place={"from": left, "cause": cause, "detail": detail})
    return Ended(state="partial" if cause else "ok", cause=cause, detail=detail, place={})


def _schedule() -> Mapping[str, Cadence]:
    return {"erased": At("15 5 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False)
