"""Memberships in JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.core.wire import Instant
from shared.store.registers.memberships import Membership
from shared.web.shapes import PLAIN, Answer, Body

type Tag = Annotated[str, Meta(min_length=1, max_length=50, pattern=PLAIN)]
type _SubjectKind = Literal["user", "group", "app", "key"]
type _Scope = Literal["all", "tenant", "tag"]


class NewMembership(Body):
    """Give a role to a user, group or app of Entra by its object id, or to an API key by its id.

    `directory` is the subject's Entra tenant, the operators' if absent; a key has none. `tenantId`
    goes with the scope `tenant`, `tag` with `tag`. Without `expiresAt` it lasts until it is taken.
    """

    subject_kind: _SubjectKind
    subject_id: UUID
    role: Annotated[str, Meta(min_length=1, max_length=50, pattern=PLAIN)]
    scope: _Scope
    directory: UUID | None = None
    tenant_id: UUID | None = None
    tag: Tag | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class MembershipAnswer(Answer):
    """`madeBy` names who gave it (`key:` or `token:` and an id); null for the first owner's own."""

    membership_id: UUID
    subject_kind: _SubjectKind
    subject_id: UUID
    directory: UUID | None
    role: str
    scope: _Scope
    tenant_id: UUID | None
    tag: str | None
    made_by: str | None
    created_at: Instant
    expires_at: Instant | None


class MembershipList(Answer):
    memberships: list[MembershipAnswer]
    cursor: str | None = None


def membership_answer(membership: Membership) -> MembershipAnswer:
    """Return a membership of the store as an answer."""
    subject, scope = membership.subject, membership.scope
    return MembershipAnswer(
        membership_id=membership.membership_id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        directory=subject.directory,
        role=membership.role,
        scope="tenant" if scope.tenant_id else "tag" if scope.tag else "all",
        tenant_id=scope.tenant_id,
        tag=scope.tag,
        made_by=membership.made_by,
        created_at=membership.created_at,
        expires_at=membership.expires_at,
    )
