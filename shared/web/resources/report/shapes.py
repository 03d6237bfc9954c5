"""Reports: the list of them, and a page of one."""

from typing import Any, Literal
from uuid import UUID

from msgspec import field

from shared.core.coverage import State
from shared.core.report import ValueType
from shared.web.shapes import Answer, DateText, Instant


class CoverageAnswer(Answer):
    """What is known about one dataset. `ageSeconds` counts from its last complete read to the
    instant of the answer; `note` says what is wrong, null if nothing is. Events that happened up to
    `finalUntil` are final; of later ones more may come, and what is there may change. Null for what
    is no event, and before the first complete read."""

    dataset: str
    state: State | Literal["never"]
    complete_at: Instant | None
    age_seconds: int | None
    report_date: DateText | None
    final_until: Instant | None
    rows: int | None
    cause: str | None
    note: str | None = None


class ColumnAnswer(Answer, omit_defaults=True):
    """One column of a report. `unavailable` says why it is always null; `labels` words for codes."""

    id: str
    title: str
    type: ValueType
    personal: bool
    labels: dict[str, str] = field(default_factory=dict)
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
    generated_at: Instant
    as_of: Instant
    age_seconds: int | None
    coverage: list[CoverageAnswer]
    columns: list[ColumnAnswer]
    row_count: int
    rows: list[Any]
    next_link: str | None = None
    cursor: str | None = None
    total_count: int | None = None
