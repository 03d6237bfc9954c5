"""The JSON answers of the API, one struct each; OpenAPI is made from them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from shared.core.coverage import State

type TenantState = Literal["active", "paused", "removed"]
type ColumnKind = Literal["text", "bool", "int", "float", "timestamp", "date", "json"]


class Answer(Struct, rename="camel"):
    """An answer whose fields are camelCase on the wire."""


class Problem(Answer):
    """RFC 9457. `code` is stable; `parameter` names the input at fault."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    parameter: str | None = None


class Alive(Answer):
    status: Literal["alive"]


class CheckAnswer(Answer):
    """One check of readiness; `detail` says what was seen."""

    name: str
    ok: bool
    detail: dict[str, Any]


class Readiness(Answer):
    status: Literal["ready", "not_ready"]
    checked_at: datetime
    checks: list[CheckAnswer]


class TenantAnswer(Answer):
    tenant_id: UUID
    display_name: str
    state: TenantState
    added_at: datetime
    updated_at: datetime


class TenantList(Answer):
    tenants: list[TenantAnswer]


class PermissionAnswer(Answer):
    """One permission: what it is for, which datasets want it, whether it is granted."""

    permission: str
    granted: bool
    purpose: str
    datasets: list[str]


class ConsentAnswer(Answer):
    complete: bool
    missing: list[str]
    permissions: list[PermissionAnswer]


class ConnectedTenant(Answer):
    tenant: TenantAnswer
    consent: ConsentAnswer


class StartedRun(Answer):
    dataset: str
    run_id: UUID


class StartedRuns(Answer):
    runs: list[StartedRun]


class CountsAnswer(Answer):
    """What became of the rows read."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    closed: int
    rejected: int


class DatasetStanding(Answer):
    """Where one dataset stands; `state` is null before its first run has ended, `progress` counts
    the run that is under way."""

    dataset: str
    state: State | None = None
    running: bool = False
    pending: bool = False
    rows: int = 0
    finished_at: datetime | None = None
    complete_at: datetime | None = None
    next_due: datetime | None = None
    progress: CountsAnswer | None = None
    cause: str | None = None


class CollectionStatus(Answer):
    datasets: list[DatasetStanding]


class FinishedRun(Answer):
    """One ledger row. `completeAt` is set if everything was read; `cause` is an error code."""

    run_id: UUID
    dataset: str
    trigger: str
    state: State
    started_at: datetime
    finished_at: datetime
    complete_at: datetime | None
    parts: int
    counts: CountsAnswer
    rows: int
    report_date: str | None
    window_from: datetime | None
    window_to: datetime | None
    cause: str | None
    cause_detail: str | None


class Ledger(Answer):
    runs: list[FinishedRun]
    cursor: str | None = None


class DatasetColumn(Answer):
    id: str
    type: ColumnKind
    personal: bool


class DatasetAnswer(Answer):
    dataset: str
    title: str
    docs: str
    shape: Literal["entity", "event", "measure"]
    every_seconds: int
    licence: str | None
    permissions: list[str]
    columns: list[DatasetColumn]


class DatasetList(Answer):
    datasets: list[DatasetAnswer]


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


class DeadLetterAnswer(Answer):
    letter_id: int
    queue: str
    body: str
    cause: str
    detail: str | None
    message_id: str | None
    received_at: datetime


class DeadLetterList(Answer):
    count: int
    dead_letters: list[DeadLetterAnswer]


class CoverageAnswer(Answer):
    """What is known about one dataset. `ageSeconds` counts from its last complete read to the
    instant of the answer; `note` says what is wrong, null if nothing is."""

    dataset: str
    state: State | Literal["never"]
    complete_at: datetime | None
    age_seconds: int | None
    report_date: str | None
    rows: int | None
    cause: str | None
    note: str | None = None


class ColumnAnswer(Answer, omit_defaults=True):
    """One column of a report. `unavailable` says why it is always null; `labels` words for codes."""

    id: str
    title: str
    type: ColumnKind
    personal: bool
    labels: dict[str, str] = {}
    unavailable: str | None = None


class ReportEntry(Answer):
    report: str
    title: str
    description: str
    docs: str
    datasets: list[str]
    columns: list[ColumnAnswer]


class ReportList(Answer):
    reports: list[ReportEntry]


class ReportAnswer(Answer):
    """A page of a report: rows by column id, and how far they can be trusted.

    `ageSeconds` is that of the oldest dataset, null if one was never read to its end. `cursor` and
    `nextLink` are null on the last page.
    """

    report: str
    title: str
    tenant_id: UUID
    generated_at: datetime
    as_of: datetime
    age_seconds: int | None
    coverage: list[CoverageAnswer]
    columns: list[ColumnAnswer]
    row_count: int
    rows: list[dict[str, Any]]
    next_link: str | None = None
    cursor: str | None = None
    total_count: int | None = None


def shaped[T](value: object, kind: type[T]) -> T:
    """Return `value` (objects with the same attributes, in lists or not) as `kind`."""
    return msgspec.convert(value, kind, from_attributes=True)
