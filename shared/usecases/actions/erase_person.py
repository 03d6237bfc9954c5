"""Erasing a person's data: its effect is every row that names him, counted now. It names a pseudonym."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.approval import Action, CarriedOut, Effect, Params
from shared.core.errors import Conflict
from shared.core.registry import collector, kept
from shared.core.text import Text
from shared.core.work import DEPLOYMENT

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.person import Identity


def effect(engine: "Engine", params: Params) -> Effect:
    """Return the rows that hold his names, by dataset.

    Conflict while his account is there (the next collection would bring all of it back), while
    anything of the tenant is held, and if it does not wait any more.
    """
    from shared.store.persons.requests import PersonRequests

    tenant_id, request_id = UUID(params["tenantId"]), UUID(params["requestId"])
    request = PersonRequests(engine, tenant_id).get(request_id)
    if request.state != "waiting" or request.identity is None:
        raise Conflict("person_request_over", parameter="id", value=str(request_id))
    require_erasable(engine, tenant_id, request.identity)
    counts = _counts(engine, tenant_id, request.identity)
    return Effect(
        tenants=(tenant_id,),
        objects=sum(counts.values()),
        counts=counts,
        items=(request.pseudonym, str(request_id)),
    )


def carry_out(engine: "Engine", params: Params, requested_by: str, now: datetime) -> CarriedOut:
    """Begin the erasure; the job is the requester's."""
    from shared.store.persons.requests import PersonRequests
    from shared.store.work.jobs import Jobs
    from shared.usecases.dispatch import outgoing

    tenant_id, request_id = UUID(params["tenantId"]), UUID(params["requestId"])
    PersonRequests(engine, tenant_id).move(request_id, "erasing")
    subject, act = f"{tenant_id}/{request_id}", "person.erase"
    jobs = Jobs(engine)
    asked = jobs.ask(DEPLOYMENT, "erase_person", [subject], now, act=act, asked_by=requested_by)
    return CarriedOut(tuple(outgoing(asked.claims)), asked.job.job_id)


def call_off(engine: "Engine", params: Params) -> None:
    """Forget whom it was about."""
    from shared.store.persons.requests import PersonRequests

    requests = PersonRequests(engine, UUID(params["tenantId"]))
    requests.move(UUID(params["requestId"]), "rejected")


def require_erasable(engine: "Engine", tenant_id: UUID, identity: "Identity") -> None:
    """Raise Conflict while the directory has an account of his, or anything of the tenant is held."""
    from shared.store.persons.finding import is_present
    from shared.store.registers.legal_holds import require_no_hold
    from shared.store.session.sessions import tenant_session

    with tenant_session(engine, tenant_id) as connection:
        require_no_hold(connection, tenant_id)
        if is_present(connection, tenant_id, identity):
            raise Conflict("person_present", parameter="userId")


def _counts(engine: "Engine", tenant_id: UUID, identity: "Identity") -> Mapping[str, int]:
    from shared.store.persons.finding import count_mentions
    from shared.store.session.sessions import tenant_session

    with tenant_session(engine, tenant_id) as connection:
        every = {
            name: count_mentions(connection, tenant_id, collector(name), identity)
            for name in kept()
        }
    return {name: rows for name, rows in every.items() if rows}


ACTION = Action(
    title=Text("Erase a person's data", "個人データの消去"),
    effect=effect,
    carry_out=carry_out,
    call_off=call_off,
)
