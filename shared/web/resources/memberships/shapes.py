"""Memberships in JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.core.wire import Instant
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
