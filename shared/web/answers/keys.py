"""API keys."""

from uuid import UUID

from shared.web.answers.answer import Answer, Instant


class KeyAnswer(Answer):
    """An API key without its text; `tenantIds` null means every tenant.

    `madeBy` names the caller who made it (`key:` or `token:` and an id), null for the deployment
    itself. `lastUsedAt` is exact to a minute.
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


class NewKeyAnswer(Answer):
    """`key` is shown this once."""

    key: str
    details: KeyAnswer


class KeyList(Answer):
    keys: list[KeyAnswer]
    cursor: str | None = None
