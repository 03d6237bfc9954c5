"""Decides what waits for a second person: approves exactly the effect that he has seen, or does not.

What was asked for may have another effect by now. It is looked at again in the transaction that does
it, and unless it is the very one that was approved nothing is done: he is asked again.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.access import Caller
from shared.core.approval import ACTIONS, CarriedOut, Effect
from shared.core.audit import DONE, AuditEvent
from shared.core.errors import Conflict, Forbidden, NotFound
from shared.core.registry import of
from shared.core.work import DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from shared.store.registers.approvals import Approval, ApprovalState

# Who closes what nobody has decided in time.
_NOBODY = "work:close_approvals"


def effect_now(engine: "Engine", approval: "Approval") -> Effect:
    """Return the effect that it would have now; raises what stands in its way."""
    return of(ACTIONS)[approval.action].effect(engine, approval.params)


def approve(
    engine: "Engine",
    approval_id: UUID,
    caller: Caller,
    now: datetime,
    *,
    digest: str,
    comment: str | None,
) -> "tuple[Approval, CarriedOut]":
    """Do what waits, if its effect is the one of `digest`; return it decided, and what came of it.

    All of it is one transaction. Raises Forbidden for the requester and whoever is the same person,
    Conflict if it waits no more, has another effect, or was asked for with a key that has ended.
    """
    from shared.store.registers.approvals import Approvals
    from shared.store.session.joining import joined

    approvals = Approvals(engine)
    with joined(engine):
        waiting = _held(engine, approval_id, now)
        _check_other(engine, waiting, caller)
        _check_requester(engine, waiting, now)
        if effect_now(engine, waiting).digest != digest:
            raise Conflict("effect_changed", parameter="digest")
        action = of(ACTIONS)[waiting.action]
        done = action.carry_out(engine, waiting.params, waiting.requested_by, now)
        decided = approvals.close(
            waiting, "approved", caller.name, now, comment=comment, job_id=done.job_id
        )
    return decided, done


def reject(
    engine: "Engine", approval_id: UUID, caller: Caller, now: datetime, comment: str | None
) -> "Approval":
    """Have it never be done; Forbidden for who asked (he withdraws it), Conflict if it is over."""
    from shared.store.session.joining import joined

    with joined(engine):
        waiting = _held(engine, approval_id, now)
        _check_other(engine, waiting, caller)
        return _call_off(engine, waiting, "rejected", caller.name, now, comment)


def withdraw(engine: "Engine", approval_id: UUID, caller: Caller, now: datetime) -> "Approval":
    """Take back what one has asked for oneself; to anybody else it is as good as unknown."""
    from shared.store.registers.persons import persons_behind
    from shared.store.session.joining import joined

    with joined(engine):
        waiting = _held(engine, approval_id, now, of_persons=persons_behind(engine, caller))
        return _call_off(engine, waiting, "withdrawn", caller.name, now, None)


def close_expired(engine: "Engine", now: datetime) -> int:
    """Call off what nobody has decided in time; return how much that was."""
    from shared.store.registers.approvals import Approvals
    from shared.store.session.joining import joined
    from shared.store.session.sessions import closing_with

    approvals, closed = Approvals(engine), 0
    for approval_id in approvals.over(now):
        with closing_with(_telling_expiry(approval_id, now)), joined(engine):
            held = approvals.hold(approval_id)
            if held.state == "waiting":
                _call_off(engine, held, "expired", _NOBODY, now, None)
                closed += 1
    return closed


def _telling_expiry(approval_id: UUID, now: datetime) -> "Callable[[Connection], None]":
    from shared.store.audit.events import append_if_written

    event = AuditEvent(
        tenant_id=DEPLOYMENT,
        at=now,
        act="approval.expire",
        result=DONE,
        caller=_NOBODY,
        authority="work",
        target=f"approval:{approval_id}",
    )

    def store(connection: "Connection") -> None:
        append_if_written(connection, event)

    return store


def _call_off(
    engine: "Engine",
    waiting: "Approval",
    state: "ApprovalState",
    by: str,
    now: datetime,
    comment: str | None,
) -> "Approval":
    from shared.store.registers.approvals import Approvals

    action = of(ACTIONS)[waiting.action]
    if action.call_off is not None:
        action.call_off(engine, waiting.params)
    return Approvals(engine).close(waiting, state, by, now, comment=comment)


def _held(
    engine: "Engine",
    approval_id: UUID,
    now: datetime,
    of_persons: frozenset[str] | None = None,
) -> "Approval":
    from shared.store.registers.approvals import Approvals

    held = Approvals(engine).hold(approval_id)
    if of_persons is not None and held.requested_for.isdisjoint(of_persons):
        raise NotFound("approval_unknown", parameter="id", value=str(approval_id))
    state = held.state_at(now)
    if state == "expired":
        raise Conflict("approval_expired", parameter="id")
    if state != "waiting":
        raise Conflict("approval_decided", parameter="id", state=state)
    return held


def _check_other(engine: "Engine", waiting: "Approval", caller: Caller) -> None:
    """Raise Forbidden for the requester, a key that he made, and who made the key he came with."""
    from shared.store.registers.persons import persons_behind

    if not waiting.requested_for.isdisjoint(persons_behind(engine, caller)):
        raise Forbidden("approval_own")


def _check_requester(engine: "Engine", waiting: "Approval", now: datetime) -> None:
    from shared.store.registers.api_keys import ApiKeys

    if waiting.requester_key is None:
        return
    if ApiKeys(engine).get(waiting.requester_key).ended(now) is not None:
        raise Conflict("requester_gone", parameter="id")
