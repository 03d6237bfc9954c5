"""A page of the audit log, and what a verification of it found."""

from uuid import UUID

from shared.core.wire import Instant
from shared.render.json import ReportAnswer
from shared.web.shapes import Answer


class AuditAnswer(ReportAnswer):
    """A page of the audit log: a report without datasets, whose coverage is therefore empty.

    `tenantId` is all zeros for the deployment's own log.
    """


class HeadAnswer(Answer):
    """The last event of a chain: its number and its digest in hexadecimal digits."""

    seq: int
    hash: str


class FindingAnswer(Answer):
    """What was done to the events `first` to `last`, as a code and in words."""

    fault: str
    first: int
    last: int
    detail: str


class VerificationAnswer(Answer):
    """Whether the chain is what was told.

    `kept` is its head as it is kept outside the database, null if none ever was: then a cut tail
    cannot be seen. `anchors` is how many signed anchors it was compared with.
    `archivedEvents` of the events came out of sealed files; `unreadableFiles` do not open.
    """

    tenant_id: UUID
    verified_at: Instant
    intact: bool
    events: int
    archived_events: int
    head: HeadAnswer
    kept: HeadAnswer | None
    anchors: int
    forged_anchors: list[str]
    unreadable_files: list[str]
    findings: list[FindingAnswer]
