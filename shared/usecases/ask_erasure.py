"""Asks for a person's data to be erased; where approvals are in force it waits for a second person."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from shared.core.access import Caller
from shared.core.approval import CarriedOut
from shared.core.person import Veil
from shared.core.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.persons.finding import Person
    from shared.store.persons.requests import PersonRequest
    from shared.store.registers.approvals import Approval


def ask_erasure(
    engine: "Engine",
    settings: Settings,
    tenant_id: UUID,
    found: "tuple[Person, Veil, str]",
    caller: Caller,
    now: datetime,
) -> "tuple[PersonRequest, Approval | CarriedOut]":
    """Note the erasure and begin it, or have it wait, both or neither; return what came of it.

    Conflict while his account is in the directory, or anything of the tenant is held.
    """
    from shared.store.persons.requests import PersonRequests
    from shared.store.session.joining import joined
    from shared.usecases.actions import erase_person
    from shared.usecases.ask_approval import ask, in_force

    person, _, named = found
    requests, request_id = PersonRequests(engine, tenant_id), uuid4()
    params = {"tenantId": str(tenant_id), "requestId": str(request_id)}
    with joined(engine):
        erase_person.require_erasable(engine, tenant_id, person.identity)
        requests.ask("erasure", named, caller.name, now, person.identity, request_id)
        if in_force(engine, settings, now):
            effect = erase_person.effect(engine, params)
            waiting = ask(engine, settings, "erase_person", params, effect, caller, now)
            return requests.get(request_id), waiting
        begun = erase_person.carry_out(engine, params, caller.name, now)
        return requests.get(request_id), begun
