"""Approvals in JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, convert

from shared.core.approval import ACTIONS
from shared.core.registry import of
from shared.core.text import Lang
from shared.core.wire import Instant
from shared.store.registers.approvals import Approval, ApprovalState
from shared.web.links import link_at
from shared.web.resources.approvals import READ
from shared.web.route import Call
from shared.web.shapes import PLAIN, Answer, Body

type _Comment = Annotated[str, Meta(max_length=500, pattern=PLAIN)]


class Approve(Body):
    """`digest` is that of the effect that you have seen: nothing else is approved."""

    digest: Annotated[str, Meta(min_length=1, max_length=64, pattern=PLAIN)]
    comment: _Comment | None = None


class Reject(Body):
    """Why not, if you want to say."""

    comment: _Comment | None = None


class EffectAnswer(Answer):
    """What would be done. `tenants` null means every tenant, those to come included.

    `objects` is how many objects are changed or deleted, `counts` of what; `privileged` are rights
    that give power over others; `items` name what it is about.
    """

    tenants: list[UUID] | None
    objects: int
    counts: dict[str, int]
    privileged: list[str]
    items: list[str]


class ApprovalAnswer(Answer):
    """`effect` and its `digest` are as of now while it waits, else as they were asked for.

    `changed`: the effect is another one than when it was asked for, or cannot be told any more
    (`obstacle` is the error code of why). Keys and tokens are named as in the log.
    """

    approval_id: UUID
    action: str
    title: str
    state: ApprovalState
    effect: EffectAnswer
    digest: str
    changed: bool
    obstacle: str | None
    requested_by: str
    requested_at: Instant
    expires_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    comment: str | None
    job_id: UUID | None


class ApprovalList(Answer):
    approvals: list[ApprovalAnswer]
    cursor: str | None = None


def approval_link(approval_id: UUID, call: Call[Any]) -> str:
    """Return where an approval is looked at."""
    return link_at(READ.path.replace("{id}", str(approval_id)), call.doors.settings().public_url)


def approval_answer(
    approval: Approval,
    lang: Lang,
    now: datetime,
    *,
    effect: Mapping[str, Any] | None = None,
    digest: str | None = None,
    obstacle: str | None = None,
) -> ApprovalAnswer:
    """Return an approval of the store as an answer; `effect` and `digest` are those of now."""
    return ApprovalAnswer(
        approval_id=approval.approval_id,
        action=approval.action,
        title=of(ACTIONS)[approval.action].title.of(lang),
        state=approval.state_at(now),
        effect=convert(effect or approval.effect, EffectAnswer),
        digest=digest or approval.digest,
        changed=obstacle is not None or digest not in (None, approval.digest),
        obstacle=obstacle,
        requested_by=approval.requested_by,
        requested_at=approval.requested_at,
        expires_at=approval.expires_at,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        comment=approval.comment,
        job_id=approval.job_id,
    )
