"""A page of a report as JSON: rows, and everything a reader needs to trust them."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from shared.core.coverage import Coverage
from shared.core.report import Report
from shared.core.text import Lang
from shared.usecases.read_report import ReportReading
from shared.web.answers import ColumnAnswer, CoverageAnswer, ReportAnswer
from shared.web.cursor import encode_cursor
from shared.web.http import Request, Response, json_response
from shared.web.report_query import Question


def json_report(request: Request, question: Question, reading: ReportReading) -> Response:
    """Return the page that `question` asks for."""
    page, lang, report = reading.page(), question.lang, reading.report
    coverage = [_coverage(entry, reading.now) for entry in reading.coverage()]
    cursor = None if page.next is None else encode_cursor(question.digest, page.next)
    link = None if cursor is None else next_link(request, cursor)
    answer = ReportAnswer(
        report=report.key,
        title=report.title.of(lang),
        tenant_id=reading.tenant_id,
        generated_at=reading.now,
        as_of=reading.as_of,
        age_seconds=_oldest(coverage),
        coverage=coverage,
        columns=column_answers(report, page.columns, lang),
        row_count=len(page.rows),
        rows=[dict(zip(page.columns, row, strict=True)) for row in page.rows],
        next_link=link,
        cursor=cursor,
        total_count=page.total,
    )
    response = json_response(answer)
    if link is not None:
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response


def next_link(request: Request, cursor: str) -> str:
    """Return the request's own address with `cursor` in it."""
    query = urlencode({**request.query, "cursor": cursor})
    return urlunsplit(urlsplit(request.url)._replace(query=query, fragment=""))


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


def _coverage(entry: Coverage, now: datetime) -> CoverageAnswer:
    age = None if entry.complete_at is None else (now - entry.complete_at).total_seconds()
    return CoverageAnswer(
        dataset=entry.dataset,
        state=entry.state,
        complete_at=entry.complete_at,
        age_seconds=None if age is None else max(0, int(age)),
        report_date=entry.report_date,
        rows=entry.rows,
        cause=entry.cause,
    )


def _oldest(coverage: Sequence[CoverageAnswer]) -> int | None:
    """The age of the oldest dataset; None if one of them was never read to its end."""
    ages = [entry.age_seconds for entry in coverage]
    known = [age for age in ages if age is not None]
    return max(known) if known and len(known) == len(ages) else None
