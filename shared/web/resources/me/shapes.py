"""Who asks, in JSON."""

from typing import Literal
from uuid import UUID

from shared.core.wire import Instant
from shared.web.shapes import Answer


class HoldAnswer(Answer):
    """Permissions, and where: `tenantIds` null means every tenant, those to come included.

    `via` says where they come from: the API key itself, an app role of the token, or a membership,
    his own or of a group. `tag` is the tag that the tenants have, if it is by one.
    """

    via: Literal["key", "app_role", "membership"]
    role: str | None
    permissions: list[str]
    tenant_ids: list[UUID] | None
    tag: str | None


class MeAnswer(Answer):
    """`name` is how the log calls the caller, `directory` the Entra tenant that vouches for him.

    `until` is when his API key ends. On a tenant he may what all `holds` that have it say together.
    """

    kind: Literal["key", "token"]
    name: str
    subject_kind: Literal["user", "app", "key"]
    subject_id: UUID
    directory: UUID | None
    until: Instant | None
    holds: list[HoldAnswer]
