"""A page of events of security, and what the checks of Kanri's posture found."""

from uuid import UUID

from shared.core.posture import Status
from shared.core.security_event import Severity
from shared.core.wire import Instant
from shared.render.json import ReportAnswer
from shared.web.shapes import Answer


class SecurityEventsAnswer(ReportAnswer):
    """A page of events of security: what of the audit log is one, the newest first.

    `tenantId` is all zeros where they are of several tenants, or of the deployment itself.
    """


class PostureFinding(Answer):
    """What one check found, of a tenant or (null) of the deployment: why, of what, and what mends it.

    `about` are ids or names of settings; `docs` is a page in the repository.
    """

    check: str
    title: str
    severity: Severity
    status: Status
    tenant_id: UUID | None
    why: str
    about: list[str]
    fix: str
    docs: str


class StatusCounts(Answer):
    """How many of all that was found, on whatever page, is so. What is unknown is neither."""

    passed: int
    failed: int
    unknown: int


class PostureAnswer(Answer):
    """What the checks found at `checkedAt`, by check and tenant. `cursor` is null on the last page."""

    checked_at: Instant
    counts: StatusCounts
    findings: list[PostureFinding]
    cursor: str | None = None
