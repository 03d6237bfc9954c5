"""The reports of a tenant: the list, and one report as JSON or CSV."""

from contextlib import ExitStack

from shared.core import registry
from shared.core.access import Permission
from shared.core.format import FORMATS
from shared.core.text import Text
from shared.render.json import ReportAnswer
from shared.web.entity_tags import is_named, tag_of
from shared.web.http import Request, Response, json_response
from shared.web.links import path_of
from shared.web.resources import report
from shared.web.resources.report.parameters import PARAMETERS
from shared.web.resources.report.shapes import ReportEntry, ReportList
from shared.web.route import Call, Route


def list_reports(call: Call) -> Response:
    """Return every report that the caller may read, with title, description and columns."""
    from shared.render.parts.columns import column_answers

    reports = map(registry.report, registry.report_keys())
    entries = [
        ReportEntry(
            report=report.key,
            title=report.title.of(call.lang),
            description=report.description.of(call.lang),
            docs=report.docs,
            permission=report.permission,
            datasets=list(report.needs),
            columns=column_answers(
                report.columns, call.lang, masked=not call.caller.sees_personal_data(call.tenant_id)
            ),
        )
        for report in reports
        if call.caller.may(report.permission, call.tenant_id)
    ]
    return json_response(ReportList(reports=entries))


def _permission(request: Request) -> Permission:
    return registry.report(request.route["key"]).permission


def read_report(call: Call) -> Response:
    """Return one report; 304 without reading a row if the caller's copy is still right."""
    from shared.core.masking import key_of
    from shared.core.question import read_question
    from shared.store.answers.reports import Reports
    from shared.usecases.read_report import open_report
    from shared.web.resources.report.position import onward, position_of
    from shared.web.resources.report.responses import (
        file_response,
        freshness_headers,
        keeping,
        page_response,
    )

    request, reports = call.request, Reports(call.doors.engine)
    asked_for = registry.report(request.route["key"])
    masked = not call.caller.sees_personal_data(call.tenant_id)
    question = read_question(request.query, asked_for, call.lang, call.now, masked=masked)
    key = key_of(call.doors.secrets().pseudonym_secret, call.tenant_id) if masked else None
    form, position = registry.of(FORMATS)[question.format], position_of(call, question)
    with ExitStack() as snapshot:
        opened = snapshot.enter_context(
            open_report(reports, call.tenant_id, question, call.now, position, key, imports=True)
        )
        asked = question.to_mapping()
        tag = tag_of(path_of(request), asked, call.lang, masked, opened.fingerprint())
        headers = {"ETag": tag, **freshness_headers(opened.about)}
        headers["Cache-Control"] = keeping(opened, form)
        if is_named(tag, request.headers.get("if-none-match", "")):
            return Response(304, b"", headers)
        if form.needs_all_rows:
            response = file_response(request, form, opened)
        else:
            page = opened.page()
            snapshot.close()  # Nobody waits for our session while the page is being written.
            following = onward(call, question, opened.first_page, page.next)
            response = page_response(form, opened.about, page, following)
    response.headers.update(headers)
    return response


LIST = Route(
    report.LIST,
    permission="report:read",
    summary=Text("List the reports", "レポートの一覧"),
    handle=list_reports,
    tenant="connected",
    answer=ReportList,
    also=(304,),
    headers=("ETag",),
)
READ = Route(
    report.READ,
    permission="report:read",
    summary=Text("Read a report", "レポートの取得"),
    handle=read_report,
    further=_permission,
    reads="report.read",
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
