"""API keys."""

from datetime import datetime
from uuid import UUID

from shared.web.answers.answer import Answer


class KeyAnswer(Answer):
    """An API key without its text; `tenantIds` null means every tenant."""

    key_id: UUID
    name: str
    environment: str
    permissions: list[str]
    tenant_ids: list[UUID] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyAnswer(Answer):
    """`key` is shown this once."""

    key: str
    details: KeyAnswer


class KeyList(Answer):
    keys: list[KeyAnswer]
