"""How what Kanri is connected to fares."""

from uuid import UUID

from shared.core.integration import Fares
from shared.core.wire import Instant
from shared.web.shapes import Answer


class ConnectionAnswer(Answer):
    """One connection, of a tenant or (null) of the deployment. `meaning` says its state in words.

    `ageSeconds` counts from the last success that is known, null if none is; so do the others.
    """

    integration: str
    title: str
    tenant_id: UUID | None
    state: Fares
    meaning: str
    last_success_at: Instant | None
    age_seconds: int | None
    last_error_at: Instant | None
    last_error_code: str | None
    details: dict[str, str | int | float | bool | None]


class IntegrationList(Answer):
    """The connections as they were known at `lookedAt`. `cursor` is null on the last page."""

    looked_at: Instant
    integrations: list[ConnectionAnswer]
    cursor: str | None = None
