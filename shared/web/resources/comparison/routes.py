"""A report at two instants: what was added, removed and changed."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.core import registry
from shared.core.access import Permission
from shared.core.asked import instant
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.format import FORMATS
from shared.core.text import Text
from shared.web.entity_tags import is_named, tag_of
from shared.web.http import Request, Response
from shared.web.links import path_of
from shared.web.resources import comparison
from shared.web.resources.comparison.shapes import ComparisonAnswer
from shared.web.resources.report.parameters import PARAMETERS as OF_REPORTS
from shared.web.route import Call, Parameter, Route

if TYPE_CHECKING:
    from shared.core.question import Position, Question
    from shared.store.answers.reports import Reports
    from shared.usecases.read_report import OpenedReport

# Two whole tables are joined for each page.
_SECONDS = 30
_USUAL = timedelta(days=7)
# What a comparison has no use for.
_NOT_TAKEN = ("totals", "compat", "timeZone", "preset")

_SINCE = Parameter(
    "since",
    Text(
        "The earlier instant, ISO 8601 with an offset (write + as %2B). If absent: 7 days before the"
        " later one, or the first that anything is known of.",
        "比較元の時点。オフセット付き ISO 8601 (+ は %2B)。省略時は比較先の 7 日前、またはデータが存在する"
        "最初の時点。",
    ),
    {"type": "string", "format": "date-time"},
    example="2026-01-24T09:00:00Z",
    codes=("instant_expected", "since_after", "as_of_not_kept", "as_of_too_early"),
)


def compare(call: Call) -> Response:
    """Return how the rows of a report differ between `since` and `asOf` (now if absent).

    Rows are the same by the report's own row key. Days that count up to the instant make no change, as what was
    never read at one of the two does not. Columns are asked for by id, `<column>_before` is what was before:
    `change eq 'changed' and contains(changed,'department')`. A page, with its count, takes up to 30 s.
    Of a report over a period, what had left it by the later instant is removed. Where personal data is withheld, so is
    that it changed.
    """
    from shared.usecases.read_report import open_report
    from shared.web.resources.report.responses import freshness_headers

    request = call.request
    asked = _asked(call)
    with ExitStack() as snapshot:
        begun = snapshot.enter_context(
            open_report(
                asked.reports, call.tenant_id, asked.question, call.now, asked.position, asked.key
            )
        )
        since = _since(asked.since, begun.about.as_of, begun.about.standing.first_collected_at)
        opened = begun.compared(since, asked.key)
        masked, told = asked.question.masked, opened.fingerprint()
        tag = tag_of(path_of(request), request.query, call.lang, masked, told)
        headers = {"ETag": tag, **freshness_headers(opened.about)}
        if is_named(tag, request.headers.get("if-none-match", "")):
            return Response(304, b"", headers)
        response = _response(call, asked, opened, snapshot)
    response.headers.update(headers)
    return response


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question with the earlier instant, None for the usual one, and by which `key` it hides."""

    question: "Question"
    since: datetime | None
    key: str | None
    position: "Position | None"
    further: tuple[object, ...]
    reports: "Reports"


def _asked(call: Call) -> _Asked:
    from shared.core.masking import key_of
    from shared.core.question import read_question
    from shared.store.answers.comparing import comparison as compared
    from shared.store.answers.reports import Reports
    from shared.web.resources.report.position import position_of

    query, masked = call.request.query, not call.caller.sees_personal_data(call.tenant_id)
    rest = {name: text for name, text in query.items() if name != "since"}
    report = compared(registry.report(call.request.route["key"]))
    question = read_question(rest, report, call.lang, call.now, masked=masked)
    since = instant(query, "since")
    further = ("changes", since)
    return _Asked(
        question=question,
        since=since,
        key=key_of(call.doors.secrets().pseudonym_secret, call.tenant_id) if masked else None,
        position=position_of(call, question, *further),
        further=further,
        reports=Reports(call.doors.engine, page_seconds=_SECONDS),
    )


def _response(call: Call, asked: _Asked, opened: "OpenedReport", snapshot: ExitStack) -> Response:
    from shared.web.resources.report.position import onward
    from shared.web.resources.report.responses import file_response, page_response

    form = registry.of(FORMATS)[asked.question.format]
    if form.needs_all_rows:
        return file_response(call.request, form, opened)
    page = opened.page()
    snapshot.close()  # Nobody waits for our session while the page is being written.
    following = onward(call, asked.question, opened.first_page, page.next, *asked.further)
    return page_response(form, opened.about, page, following)


def _since(asked: datetime | None, as_of: datetime, first: datetime | None) -> datetime:
    """The earlier instant; BadRequest if it is the later one."""
    if asked is None:
        usual = as_of - _USUAL
        return usual if first is None else min(max(usual, first), as_of)
    if asked > as_of:
        raise BadRequest(
            "since_after", parameter="since", value=written(asked), limit=written(as_of)
        )
    return asked


def _permission(request: Request) -> Permission:
    return registry.report(request.route["key"]).permission


COMPARE = Route(
    comparison.COMPARE,
    permission="report:read",
    summary=Text("What changed in a report?", "レポートの 2 時点の比較"),
    handle=compare,
    further=_permission,
    reads="report.read",
    tenant="connected",
    parameters=(_SINCE, *(one for one in OF_REPORTS if one.name not in _NOT_TAKEN)),
    answer=ComparisonAnswer,
    also=(304,),
    headers=(
        "ETag",
        "Link",
        "Kanri-Generated-At",
        "Kanri-As-Of",
        "Kanri-Coverage",
        "Kanri-Compared-With",
        "Kanri-Compared-Coverage",
        "Kanri-Parameters",
        "Kanri-Personal-Data",
        "Kanri-Row-Count",
    ),
    refuses={
        400: ("export_too_large",),
        403: ("column_withheld",),
        404: ("report_unknown",),
        503: ("export_slow", "question_slow"),
    },
)
