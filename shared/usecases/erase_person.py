"""Puts all that is stored of a person under a veil, dataset by dataset: work of the deployment.

Killed, it goes on: what is veiled already is not found again. When all of it is done a certificate says
what was done and what remains where, and whom it was about is sealed.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from shared.core import clock
from shared.core.audit import DONE, AuditEvent, json_text
from shared.core.clock import written
from shared.core.errors import Conflict, NotFound, SealBroken
from shared.core.masking import key_of
from shared.core.person import Veil
from shared.core.registry import kept
from shared.core.sealing import Label
from shared.core.work import Ended, GoesOn, Outcome, Work
from shared.store.registers.secrets import Secrets
from shared.store.work.run_records import Run
from shared.usecases.actions.erase_person import require_erasable
from shared.usecases.doors import WorkDoors

if TYPE_CHECKING:
    from shared.core.person import Identity
    from shared.store.persons.requests import PersonRequest

# What the policies of the archive and of the database's own backups say: infra/modules.
_AUDIT_YEARS, _BACKUP_DAYS = 7, 35


def label_of(request: "PersonRequest") -> Label:
    """Return under which label it is sealed whom an erasure was about."""
    return Label(request.tenant_id, "person", str(request.request_id))


def veil_all(
    doors: WorkDoors,
    request: "PersonRequest",
    identity: "Identity",
    veil: Veil,
    run: Run,
    *,
    begin: str,
    ends: float,
    since: Any = None,
    passed_by: "list[Conflict] | None" = None,
) -> str | None:
    """Veil every dataset from `begin` on; return in which to go on when the time was up, None at the end.

    Conflict at one that is held, or that is passed by and noted in `passed_by`.
    """
    from shared.store.persons.veiling import veil_dataset, veil_registers

    tenant_id, request_id = request.tenant_id, request.request_id
    for name in (name for name in kept() if name >= begin):
        own, after = doors.collector(name), None
        while True:
            doors.runs.require_held(run)
            given = (doors.engine, tenant_id, request_id, own, identity, veil)
            try:
                after = veil_dataset(*given, since=since, after=after)
            except Conflict as held:
                if passed_by is None:
                    raise
                passed_by.append(held)
                after = None
            if after is None:
                break
            if time.monotonic() >= ends:
                return name
    veil_registers(doors.engine, tenant_id, identity, veil)
    return None


def _erase(run: Run, doors: WorkDoors) -> Outcome:
    from shared.store.persons.requests import PersonRequests, written_identity

    tenant_id, request_id = map(UUID, run.subject.split("/"))
    requests = PersonRequests(doors.engine, tenant_id)
    request = requests.get(request_id)
    if request.state == "done":
        return Ended(state="ok")
    if request.state != "erasing" or request.identity is None:
        raise Conflict("person_request_over", parameter="id", value=str(request_id))
    require_erasable(doors.engine, tenant_id, request.identity)
    secret = Secrets(doors.engine, doors.keyring()).pseudonym_secret
    veil = Veil(request.identity, key_of(secret, tenant_id))
    place = run.checkpoint if run.continues and run.checkpoint else {}
    begin, ends = str(place.get("dataset", "")), time.monotonic() + doors.slice_seconds
    left = veil_all(doors, request, request.identity, veil, run, begin=begin, ends=ends)
    if left is not None:
        return GoesOn(place={"dataset": left})
    now, plain = clock.now(), msgspec.json.encode(written_identity(request.identity))
    sealed = doors.keyring().seal(plain, label_of(request))
    rows = requests.get(request_id).rows
    certificate = _certificate(doors, request, rows)
    requests.finish(request_id, now, sealed, certificate, _event(request, run, rows))
    return Ended(state="ok", place={})


def _certificate(
    doors: WorkDoors, request: "PersonRequest", rows: Mapping[str, int]
) -> dict[str, Any]:
    """What is attested: what was done, for whom, and what remains where, until when."""
    from shared.store.registers.approvals import decided_by

    now = clock.now()
    remains = [
        {
            "where": "audit",
            "what": "object ids in events of the audit log, which nobody can change",
            "until": written(now + timedelta(days=366 * _AUDIT_YEARS)),
        },
        {
            "where": "backups",
            "what": "backups of the database that were made before",
            "until": written(now + timedelta(days=_BACKUP_DAYS)),
        },
        {
            "where": "microsoft365",
            "what": "whatever Microsoft 365 keeps itself; what is collected of it is veiled by night",
            "until": None,
        },
    ]
    return {
        "version": 1,
        "tenantId": str(request.tenant_id),
        "erasureId": str(request.request_id),
        "pseudonym": request.pseudonym,
        "askedBy": request.asked_by,
        "askedAt": written(request.asked_at),
        "approvedBy": decided_by(doors.engine, "erase_person", "requestId", request.request_id),
        "doneAt": written(now),
        "rows": dict(sorted((name, number) for name, number in rows.items() if number)),
        "remains": remains,
    }


def _event(request: "PersonRequest", run: Run, rows: Mapping[str, int]) -> AuditEvent:
    return AuditEvent(
        tenant_id=request.tenant_id,
        at=clock.now(),
        act="person.erase",
        result=DONE,
        caller="work:erase_person",
        authority=f"work {run.trigger}",
        target=f"person:{request.pseudonym}",
        request_id=str(run.run_id),
        after=json_text({"erasure": str(request.request_id), "rows": rows}),
    )


async def _run(run: Run, doors: WorkDoors) -> Outcome:
    """Each batch may come twice. It ends where a hold was placed, or his account is there again."""
    try:
        return await asyncio.to_thread(_erase, run, doors)
    except (Conflict, NotFound, SealBroken) as error:
        return Ended(state="failed", cause=error.code, detail=error.message())


WORK = Work(run=_run, of_tenant=False, names="erasure")
