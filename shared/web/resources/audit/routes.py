"""The audit log of a tenant, or of the deployment: a report like any other, newest first."""

from contextlib import ExitStack
from uuid import UUID

from shared.core import registry
from shared.core.format import FORMATS
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.render.json import ReportAnswer
from shared.web.http import Response
from shared.web.resources import audit
from shared.web.resources.report.parameters import PARAMETERS
from shared.web.route import Call, Route

# What the log has no use for: it has no thresholds, totals or former file, and asks nothing often.
_TAKEN = ("asOf", "filter", "orderBy", "select", "top", "cursor", "count", "format")
_PARAMETERS = tuple(parameter for parameter in PARAMETERS if parameter.name in _TAKEN)


def read(call: Call) -> Response:
    """Return the events of the tenant's chain. It outlives the tenant's data."""
    return _answer(call, call.tenant_id)


def read_deployment(call: Call) -> Response:
    """Return the events of the deployment's own chain: what was done to no tenant, and who was refused."""
    return _answer(call, DEPLOYMENT)


def _answer(call: Call, chain: UUID) -> Response:
    from shared.core.masking import key_of
    from shared.core.question import read_question
    from shared.store.answers.reports import Reports
    from shared.store.audit.report import AUDIT
    from shared.usecases.read_audit import open_audit
    from shared.web.resources.report.position import onward, position_of
    from shared.web.resources.report.responses import file_response, page_response

    masked = not call.caller.sees_personal_data
    question = read_question(call.request.query, AUDIT, call.lang, call.now, masked=masked)
    key = key_of(call.doors.secrets().pseudonym_secret, chain) if masked else None
    form, position = registry.of(FORMATS)[question.format], position_of(call, question)
    with ExitStack() as snapshot:
        reports = Reports(call.doors.engine)
        opened = snapshot.enter_context(
            open_audit(reports, chain, question, call.now, position, key)
        )
        if form.needs_all_rows:
            response = file_response(call.request, form, opened)
        else:
            page = opened.page()
            snapshot.close()  # Nobody waits for our session while the page is being written.
            following = onward(call, question, opened.first_page, page.next)
            response = page_response(form, opened.about, page, following)
    response.headers["Kanri-Personal-Data"] = "masked" if masked else "shown"
    return response


_REFUSES = {
    400: ("export_too_large",),
    403: ("column_withheld",),
    503: ("export_slow", "question_slow"),
}
_HEADERS = ("Link", "Kanri-Personal-Data", "Kanri-Row-Count")

READ = Route(
    audit.READ,
    permission="audit:read",
    summary=Text("Read the audit log of a tenant", "テナントの監査ログの取得"),
    handle=read,
    tenant="known",
    reads="audit.read",
    parameters=_PARAMETERS,
    answer=ReportAnswer,
    headers=_HEADERS,
    refuses=_REFUSES,
)
READ_DEPLOYMENT = Route(
    audit.READ_DEPLOYMENT,
    permission="audit:read",
    summary=Text("Read the audit log of the deployment", "展開全体の監査ログの取得"),
    handle=read_deployment,
    every_tenant=True,
    reads="audit.read",
    parameters=_PARAMETERS,
    answer=ReportAnswer,
    headers=_HEADERS,
    refuses=_REFUSES,
)
