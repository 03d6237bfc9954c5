"""A page of rows as JSON, and everything a reader needs to trust them."""

from itertools import starmap
from typing import Any
from uuid import UUID

import msgspec

from shared.core.format import About, Format, Onward
from shared.core.query import ReportPage
from shared.core.wire import Instant, safe_json
from shared.render.parts.columns import ColumnAnswer, column_answers, columns_of
from shared.render.parts.coverage import (
    CoverageAnswer,
    compared_coverage,
    coverage_answers,
    oldest,
)
from shared.render.parts.parameters import ParameterAnswer, parameter_answers
from shared.render.parts.row_types import row_type
from shared.render.parts.totals import TotalAnswer, total_answers


class WindowAnswer(msgspec.Struct, rename="camel"):
    """The stretch of time that figures are of, in buckets of `interval` in the time zone."""

    begins: Instant = msgspec.field(name="from")
    ends: Instant = msgspec.field(name="to")
    interval: str
    time_zone: str


class ComparedAnswer(msgspec.Struct, rename="camel"):
    """The earlier instant that rows are compared with, and how far they could be trusted then."""

    as_of: Instant
    age_seconds: int | None
    coverage: list[CoverageAnswer]


class ReportAnswer(msgspec.Struct, rename="camel"):
    """A page of a report: rows by column id, and how far they can be trusted.

    `totals` is null unless asked for. `ageSeconds` is that of the oldest dataset, null if one was never read to its end. `cursor` and
    `nextLink` are null on the last page. `window` is that of figures, `compared` that of a comparison: of other reports they are left out.
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
    totals: list[TotalAnswer] | None = None
    parameters: list[ParameterAnswer] = []
    window: WindowAnswer | msgspec.UnsetType = msgspec.UNSET
    compared: ComparedAnswer | msgspec.UnsetType = msgspec.UNSET


def write(about: About, page: ReportPage, onward: Onward | None) -> bytes:
    """Return the document of `page`; `onward` says how to ask for the next one, None on the last."""
    question = about.question
    coverage = coverage_answers(about)
    answer = ReportAnswer(
        report=question.report.key,
        title=question.report.title.of(question.lang),
        tenant_id=about.tenant_id,
        generated_at=about.generated_at,
        as_of=about.as_of,
        age_seconds=oldest(coverage),
        coverage=coverage,
        columns=column_answers(columns_of(question), question.lang, masked=question.masked),
        row_count=len(page.rows),
        rows=list(starmap(row_type(page.columns), page.rows)),
        next_link=None if onward is None else onward.link,
        cursor=None if onward is None else onward.cursor,
        total_count=page.total,
        parameters=parameter_answers(about),
        totals=None if page.totals is None else total_answers(question.report, page.totals),
        window=_window(about),
        compared=_compared(about),
    )
    return safe_json(answer)


def _window(about: About) -> WindowAnswer | msgspec.UnsetType:
    if (window := about.window) is None:
        return msgspec.UNSET
    return WindowAnswer(window.begins, window.ends, window.interval, window.zone)


def _compared(about: About) -> ComparedAnswer | msgspec.UnsetType:
    if about.compared is None:
        return msgspec.UNSET
    coverage = compared_coverage(about)
    return ComparedAnswer(about.compared.as_of, oldest(coverage), coverage)


FORMAT = Format(media_type="application/json", extension="json", page=write)
