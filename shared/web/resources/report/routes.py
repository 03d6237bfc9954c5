"""The reports of a tenant: the list, and one report as JSON or CSV."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from shared.core import registry
from shared.core.text import Text
from shared.web.cursor import digest_of
from shared.web.entity_tags import is_named
from shared.web.http import Response, json_response
from shared.web.links import path_of
from shared.web.report_parameters import PARAMETERS
from shared.web.resources import report
from shared.web.resources.report.shapes import ReportAnswer, ReportEntry, ReportList
from shared.web.route import Call, Route

if TYPE_CHECKING:
    from shared.usecases.read_report import ReportReading


def list_reports(call: Call) -> Response:
    """Return every report with title, description and columns."""
    from shared.web.report_json import column_answers

    reports = [registry.report(key) for key in registry.report_keys()]
    entries = [
        ReportEntry(
            report=report.key,
            title=report.title.of(call.lang),
            description=report.description.of(call.lang),
            docs=report.docs,
            datasets=list(report.needs),
            columns=column_answers(report, [column.id for column in report.columns], call.lang),
        )
        for report in reports
    ]
    return json_response(ReportList(reports=entries))


def read_report(call: Call) -> Response:
    """Return one report; 304 without reading a row if the caller's copy is still right."""
    from shared.core.question import read_question
    from shared.usecases.read_report import open_report
    from shared.web.report_csv import csv_report
    from shared.web.report_cursor import position_of
    from shared.web.report_freshness import freshness_headers
    from shared.web.report_json import json_report

    request = call.request
    report = registry.report(request.route["key"])
    question = read_question(request.query, report, call.lang, call.now)
    position = position_of(call, question)
    with ExitStack() as snapshot:
        reading = snapshot.enter_context(
            open_report(
                call.services.reports(),
                call.tenant_id,
                report,
                question.query(position),
                call.now,
                None if position is None else position.first_page,
            )
        )
        headers = {"ETag": _tag(call, reading), **freshness_headers(reading)}
        if is_named(headers["ETag"], request.headers.get("if-none-match", "")):
            return Response(304, b"", headers)
        if question.format == "csv":
            response = csv_report(request, question, reading)
        else:
            page = reading.page()
            snapshot.close()  # Nobody waits for our session while the page is being written.
            response = json_report(call, question, reading, page)
    response.headers.update(headers)
    return response


def _tag(call: Call, reading: "ReportReading") -> str:
    request = call.request
    asked = sorted(request.query.items())
    digest = digest_of(path_of(request), asked, call.lang, reading.fingerprint())
    return f'W/"{digest}"'


LIST = Route(
    report.LIST,
    permission="report:read",
    summary=Text("List the reports", "レポートの一覧"),
    handle=list_reports,
    tenant="connected",
    answer=ReportList,
)
READ = Route(
    report.READ,
    permission="report:read",
    summary=Text("Read a report", "レポートの取得"),
    handle=read_report,
    tenant="connected",
    parameters=PARAMETERS,
    answer=ReportAnswer,
    also=(304,),
    headers=(
        "ETag",
        "Link",
        "Kanri-Generated-At",
        "Kanri-As-Of",
        "Kanri-Coverage",
        "Kanri-Row-Count",
    ),
    refuses={
        400: ("export_too_large",),
        404: ("report_unknown",),
        503: ("export_slow", "question_slow"),
    },
)
