"""The history of an object in JSON."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.core.clock import written
from shared.core.masking import Masking
from shared.core.object_history import Begins, Change, Ends
from shared.core.text import Lang
from shared.core.wire import DateText, Instant
from shared.render.parts.coverage import CoverageAnswer, dataset_coverage
from shared.usecases.read_history import HistoryPage, Version
from shared.web.shapes import Answer


class ChangeAnswer(Answer):
    """One property `before` and `after`, null where it was not told. `property` is its path in Graph, or
    the header in a usage report; `column` is the dataset's, null if it has none. `masked`: both are
    pseudonyms, the same as in reports."""

    property: str
    column: str | None
    before: Any
    after: Any
    personal: bool
    masked: Masking | None


class VersionAnswer(Answer):
    """What the object was from `validFrom`, when it was first seen so, to `validTo` (null: it still is),
    when it was first seen otherwise or missed. It was last seen so at `lastSeenAt`: a change happened
    between that and `validTo`. Who made it Graph's lists do not say.

    `begins`: first_seen; changed; shown_again after it was removed; after_gap, of which nothing is kept;
    first_kept, what was before is kept no longer; measured, the first that was told of `reportDate`.
    `ends`: changed; removed, it was gone then; gap, what followed is not kept; null while it holds.
    `changes` are against the version before, of a measure also that of an earlier day."""

    valid_from: Instant
    valid_to: Instant | None
    last_seen_at: Instant
    report_date: DateText | None
    begins: Begins
    ends: Ends | None
    changes: list[ChangeAnswer]


class HistoryAnswer(Answer):
    """A page of the history of an object, the newest version first; `cursor` is null on the last page.

    `present` says whether it is there now, null for events and measures. Versions that differ in
    nothing but `withheld` columns are one."""

    tenant_id: UUID
    dataset: str
    id: str
    generated_at: Instant
    present: bool | None
    first_seen_at: Instant
    last_seen_at: Instant
    coverage: CoverageAnswer
    withheld: list[str]
    versions: list[VersionAnswer]
    cursor: str | None = None


def history_answer(
    page: HistoryPage, tenant_id: UUID, now: datetime, lang: Lang, withheld: list[str]
) -> HistoryAnswer:
    """Return a page as it is told at `now`; its cursor is still to come."""
    return HistoryAnswer(
        tenant_id=tenant_id,
        dataset=page.collector.dataset,
        id=page.object_id,
        generated_at=now,
        present=page.present,
        first_seen_at=page.first_seen_at,
        last_seen_at=page.last_seen_at,
        coverage=dataset_coverage(page.coverage, now, lang),
        withheld=withheld,
        versions=[_version(version) for version in page.versions],
    )


def _version(version: Version) -> VersionAnswer:
    return VersionAnswer(
        valid_from=version.since,
        valid_to=version.until,
        last_seen_at=version.last_seen_at,
        report_date=None if version.day is None else version.day.isoformat(),
        begins=version.begins,
        ends=version.ends,
        changes=[_change(change) for change in version.changes],
    )


def _change(change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        property=change.source,
        column=change.column,
        before=_told(change.before),
        after=_told(change.after),
        personal=change.personal,
        masked=change.hiding,
    )


def _told(value: object) -> object:
    """The value as reports tell it."""
    if isinstance(value, datetime):
        return written(value)
    return value.isoformat() if isinstance(value, date) else value
