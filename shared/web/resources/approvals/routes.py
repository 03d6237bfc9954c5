"""Approvals: what waits, looking at one, deciding it, taking it back."""

from datetime import datetime
from functools import partial
from uuid import UUID

from shared.core.access import Permission
from shared.core.errors import Conflict, NotFound
from shared.core.text import Text
from shared.store.registers.approvals import Approval, Approvals
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import approvals
from shared.web.resources.approvals.shapes import (
    ApprovalAnswer,
    ApprovalList,
    Approve,
    Reject,
    approval_answer,
)
from shared.web.route import Call, Route, guid_in_path


def list_approvals(call: Call) -> Response:
    """Return what waits and what was decided, newest first, about tenants that he may see it of."""
    from shared.web.listing import page_of

    only = call.caller.tenants_with("approval:read")
    every = partial(Approvals(call.doors.engine).all, only=only)
    found, cursor = page_of(call, every, _place_of, _place)
    answers = [approval_answer(approval, call.lang, call.now) for approval in found]
    return json_response(ApprovalList(approvals=answers, cursor=cursor))


def _place_of(approval: Approval) -> tuple[object, ...]:
    return approval.requested_at, str(approval.approval_id)


def _place(requested_at: str, approval_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(requested_at), UUID(approval_id)


def read_approval(call: Call) -> Response:
    """Return one; while it waits, with the effect that it would have now."""
    from shared.usecases.decide_approval import effect_now

    approval = _seen(call, "approval:read")
    answer = partial(approval_answer, approval, call.lang, call.now)
    if approval.state_at(call.now) != "waiting":
        return json_response(answer())
    try:
        effect = effect_now(call.doors.engine, approval)
    except (Conflict, NotFound) as error:
        return json_response(answer(obstacle=error.code))
    return json_response(answer(effect=effect.told(), digest=effect.digest))


def approve(call: Call[Approve]) -> Response:
    """Have it done, if its effect is still the one of `digest`. Never one's own."""
    from shared.usecases import decide_approval

    approval = _seen(call, "approval:decide")
    decided, done = decide_approval.approve(
        call.doors.engine,
        approval.approval_id,
        call.caller,
        call.now,
        digest=call.body.digest,
        comment=call.body.comment,
    )
    response = json_response(approval_answer(decided, call.lang, call.now))
    response.messages = done.messages
    return response


def reject(call: Call[Reject]) -> Response:
    """Have it never be done. What was prepared, such as a key that waits, is taken back."""
    from shared.usecases import decide_approval

    approval = _seen(call, "approval:decide")
    decided = decide_approval.reject(
        call.doors.engine, approval.approval_id, call.caller, call.now, call.body.comment
    )
    return json_response(approval_answer(decided, call.lang, call.now))


def withdraw(call: Call) -> Response:
    """Take back what one has asked for oneself, or with a key that is one's own."""
    from shared.usecases import decide_approval

    approval_id = guid_in_path(call.request, "id")
    withdrawn = decide_approval.withdraw(call.doors.engine, approval_id, call.caller, call.now)
    return json_response(approval_answer(withdrawn, call.lang, call.now))


def _seen[B](call: Call[B], permission: Permission) -> Approval:
    """Return the approval in the path. One that he has no say in is as good as none."""
    approval_id = guid_in_path(call.request, "id")
    approval = Approvals(call.doors.engine).get(approval_id)
    if not call.caller.may_on_all(permission, approval.about):
        raise NotFound("approval_unknown", parameter="id", value=str(approval_id))
    return approval


_OVER = ("approval_decided", "approval_expired")

LIST = Route(
    approvals.LIST,
    permission="approval:read",
    summary=Text("List the approvals", "承認の一覧"),
    handle=list_approvals,
    parameters=(TOP, CURSOR),
    answer=ApprovalList,
)
READ = Route(
    approvals.READ,
    permission="approval:read",
    summary=Text("Look at an approval", "承認の取得"),
    handle=read_approval,
    answer=ApprovalAnswer,
    refuses={404: ("approval_unknown",)},
)
APPROVE = Route(
    approvals.APPROVE,
    permission="approval:decide",
    summary=Text("Approve", "承認"),
    handle=approve,
    changes="approval.approve",
    body=Approve,
    answer=ApprovalAnswer,
    refuses={
        403: ("approval_own",),
        404: (
            "approval_unknown",
            "hold_unknown",
            "key_unknown",
            "person_request_unknown",
            "tenant_unknown",
        ),
        409: (
            *_OVER,
            "effect_changed",
            "hold_lifted",
            "key_ended",
            "person_present",
            "person_request_over",
            "requester_gone",
            "tenant_not_removed",
            "tenant_on_hold",
        ),
    },
)
REJECT = Route(
    approvals.REJECT,
    permission="approval:decide",
    summary=Text("Reject", "却下"),
    handle=reject,
    changes="approval.reject",
    body=Reject,
    answer=ApprovalAnswer,
    refuses={403: ("approval_own",), 404: ("approval_unknown",), 409: _OVER},
)
WITHDRAW = Route(
    approvals.WITHDRAW,
    permission="signed_in",
    summary=Text("Withdraw what you asked for", "承認依頼の取り下げ"),
    handle=withdraw,
    changes="approval.withdraw",
    answer=ApprovalAnswer,
    refuses={404: ("approval_unknown",), 409: _OVER},
)
