"""API keys in JSON."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.core.access import Permission, known_permissions
from shared.core.errors import BadRequest
from shared.core.role_permissions import PERMISSIONS
from shared.core.wire import Instant
from shared.web.ranges import MOST, Range
from shared.web.resources.approvals.shapes import ApprovalAnswer
from shared.web.shapes import PLAIN, Answer, Body

_TENANTS_OF_A_KEY = 1000
_LONGEST_OVERLAP = 7 * 24 * 60

# Checked by the handler, which can say what there is; here for the description of the API.
type _Permission = Annotated[str, Meta(extra_json_schema={"enum": sorted(PERMISSIONS)})]
type Permissions = Annotated[list[_Permission], Meta(min_length=1, max_length=100)]


class NewKey(Body):
    """Make an API key for at most 366 days. Without `tenantIds` it sees every tenant.

    With `ranges` (CIDR) it is taken from addresses in one of those only. `environment` is that of
    the deployment, which another one's keys do not open.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=PLAIN)]
    permissions: Permissions
    expires_at: Annotated[datetime, Meta(tz=True)]
    environment: Literal["live", "test"] | None = None
    tenant_ids: Annotated[list[UUID], Meta(min_length=1, max_length=_TENANTS_OF_A_KEY)] | None = (
        None
    )
    ranges: Annotated[list[Range], Meta(min_length=1, max_length=MOST)] | None = None


class KeyRotation(Body):
    """The old key goes on for `overlapMinutes`, at most a week; 0 ends it at once.

    Without `expiresAt` the new key lives as long as the old one was made for, 366 days at most.
    """

    overlap_minutes: Annotated[int, Meta(ge=0, le=_LONGEST_OVERLAP)] = 60
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class KeyAnswer(Answer):
    """An API key without its text; `tenantIds` null means every tenant.

    `madeBy` names the caller who made it (`key:` or `token:` and an id), null for the deployment
    itself. `replaces` is the key that it was rotated from. `lastUsedAt` is exact to a minute. One that
    `waits` opens nothing before a second person has approved of it.
    """

    key_id: UUID
    name: str
    environment: str
    permissions: list[str]
    tenant_ids: list[UUID] | None
    made_by: str | None
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None
    ranges: list[str] | None
    replaces: UUID | None
    waits: bool


class NewKeyAnswer(Answer):
    """`key` is shown this once: null where the answer is given again, by its Idempotency-Key.

    Who has lost it rotates or revokes the key that `details` names. With an `approval` the key opens
    nothing before a second person has approved of it.
    """

    key: str | None
    details: KeyAnswer
    approval: ApprovalAnswer | None = None


class KeyList(Answer):
    keys: list[KeyAnswer]
    cursor: str | None = None


def checked_permissions(names: Collection[str]) -> frozenset[Permission]:
    """Return the names as permissions; BadRequest if one is none, with those that there are."""
    known = known_permissions(names)
    if unknown := sorted(set(names) - known):
        every = ", ".join(sorted(PERMISSIONS))
        raise BadRequest(
            "permission_unknown", parameter="permissions", value=unknown[0], known=every
        )
    return known
