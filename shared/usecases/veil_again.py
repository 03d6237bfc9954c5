"""Veils, by night, what was collected anew of persons that were erased: late reports, old traces."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.core.errors import Conflict, KanriError, SealBroken
from shared.core.logs import log_failure
from shared.core.masking import key_of
from shared.core.person import Veil
from shared.core.work import At, Cadence, Ended, GoesOn, Outcome, Work
from shared.store.registers.secrets import Secrets
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors
from shared.usecases.erase_person import label_of, veil_all

if TYPE_CHECKING:
    from shared.store.persons.requests import PersonRequest

# What was known longer ago was looked at by the nights before, three missed ones included.
_REACH = timedelta(days=4)


def veil_again(
    doors: WorkDoors, run: Run, ends: float, begin: str = ""
) -> tuple[str | None, KanriError | None]:
    """Go through the erasures by id; return from which one on to go on when the time was up, and what
    kept one from being done. One in trouble holds up no other.
    """
    from shared.store.persons.requests import PersonRequests

    every = Tenants(doors.engine).all()
    tenants = [one.tenant_id for one in every if one.state != "removed"]
    erasures = [one for own in tenants for one in PersonRequests(doors.engine, own).erased()]
    trouble: KanriError | None = None
    for request in sorted(erasures, key=lambda one: str(one.request_id)):
        if str(request.request_id) < begin:
            continue
        try:
            if not _veil(doors, run, request, ends):
                return str(request.request_id), trouble
        except (Conflict, SealBroken) as error:
            log_failure("person_not_veiled", error, tenant=request.tenant_id)
            trouble = error
    return None, trouble


def _veil(doors: WorkDoors, run: Run, request: "PersonRequest", ends: float) -> bool:
    from shared.store.persons.requests import read_identity

    plain = doors.keyring().open(request.sealed or b"", label_of(request))
    identity = read_identity(msgspec.json.decode(plain))
    secret = Secrets(doors.engine, doors.keyring()).pseudonym_secret
    veil, since = Veil(identity, key_of(secret, request.tenant_id)), run.started_at - _REACH
    left = veil_all(doors, request, identity, veil, run, begin="", ends=ends, since=since)
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
