"""A page of a report as JSON: rows, and everything a reader needs to trust them."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import starmap
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.question import Question
from shared.core.report import Report
from shared.core.text import Lang
from shared.usecases.read_report import ReportReading
from shared.web.http import Response, json_response
from shared.web.links import link_to
from shared.web.report_cursor import cursor_after
from shared.web.report_freshness import coverage_answers, oldest
from shared.web.resources.report.shapes import ColumnAnswer, ReportAnswer
from shared.web.route import Call

if TYPE_CHECKING:
    from shared.store.answers.reports import ReportPage


def json_report(
    call: Call, question: Question, reading: ReportReading, page: "ReportPage"
) -> Response:
    """Return `page`, which is what `question` asks for."""
    lang, report = question.lang, reading.report
    coverage = coverage_answers(reading, lang)
    cursor = link = None
    if page.next is not None:
        cursor = cursor_after(call, question, reading.first_page, page.next)
        public_url = call.services.settings().public_url
        link = link_to(call.request, public_url, {**call.request.query, "cursor": cursor})
    answer = ReportAnswer(
        report=report.key,
        title=report.title.of(lang),
        tenant_id=reading.tenant_id,
        generated_at=reading.now,
        as_of=reading.as_of,
        age_seconds=oldest(coverage),
        coverage=coverage,
        columns=column_answers(report, page.columns, lang),
        row_count=len(page.rows),
        rows=list(starmap(_row_type(page.columns), page.rows)),
        next_link=link,
        cursor=cursor,
        total_count=page.total,
    )
    response = json_response(answer)
    if link is not None:
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response


@lru_cache(maxsize=64)
def _row_type(columns: tuple[str, ...]) -> type[msgspec.Struct]:
    """A struct is made and written several times as fast as a dict."""
    return msgspec.defstruct("Row", [(name, Any) for name in columns])


def column_answers(report: Report, names: Sequence[str], lang: Lang) -> list[ColumnAnswer]:
    """Describe the columns `names`: title, type, whose data, words for codes, why one is empty."""
    by_id = {column.id: column for column in report.columns}
    return [
        ColumnAnswer(
            id=column.id,
            title=column.ja if lang == "ja" else column.en,
            type=column.type,
            personal=column.personal,
            labels={code: word.of(lang) for code, word in column.labels.items()},
            unavailable=None if column.unavailable is None else column.unavailable.of(lang),
        )
        for column in (by_id[name] for name in names)
    ]
