"""The audit log of a tenant, or of the deployment: a report like any other, newest first."""

from contextlib import ExitStack
from uuid import UUID

from shared.core import registry
from shared.core.audit_proof import Finding, Head
from shared.core.clock import written
from shared.core.format import FORMATS
from shared.core.text import Lang, Text, text
from shared.core.work import DEPLOYMENT
from shared.web.http import Response, json_response
from shared.web.resources import audit
from shared.web.resources.audit.shapes import (
    AuditAnswer,
    FindingAnswer,
    HeadAnswer,
    VerificationAnswer,
)
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
    from shared.store.audit.chains import AuditChains
    from shared.store.audit.report import AUDIT
    from shared.usecases.read_audit import open_audit
    from shared.web.resources.report.position import onward, position_of
    from shared.web.resources.report.responses import file_response, page_response

    masked = not call.caller.sees_personal_data(chain)
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
    oldest = AuditChains(call.doors.engine).oldest(chain)
    if oldest is not None and oldest[0] > 1:
        response.headers["Kanri-Answers-Since"] = written(oldest[1])
    return response


def verify(call: Call) -> Response:
    """Go along the tenant's chain and say whether it is what was told; what is not is named."""
    return _verification(call, call.tenant_id)


def verify_deployment(call: Call) -> Response:
    """Go along the deployment's own chain, as for a tenant."""
    return _verification(call, DEPLOYMENT)


def _verification(call: Call, chain: UUID) -> Response:
    from shared.store.audit.verifications import LastVerification, Verifications
    from shared.usecases.verify_audit import Outside, verify_audit

    doors = call.doors
    secret, keyring = doors.secrets().anchor_key, doors.keyring()
    outside = Outside(doors.audit_heads(), doors.archive(), secret, keyring)
    found = verify_audit(doors.engine, outside, chain, call.now)
    last = LastVerification(chain, found.verified_at, found.intact, found.events)
    Verifications(doors.engine).note(last)
    answer = VerificationAnswer(
        tenant_id=chain,
        verified_at=found.verified_at,
        intact=found.intact,
        events=found.events,
        archived_events=found.archived,
        head=_head(found.head),
        kept=None if found.kept is None else _head(found.kept),
        anchors=found.anchors,
        forged_anchors=list(found.forged),
        unreadable_files=list(found.unreadable),
        findings=[_finding(finding, call.lang) for finding in found.findings],
    )
    return json_response(answer)


def _head(head: Head) -> HeadAnswer:
    return HeadAnswer(seq=head.seq, hash=head.hash.hex())


def _finding(found: Finding, lang: Lang) -> FindingAnswer:
    words = text(f"audit.{found.fault}", lang, first=found.first, last=found.last)
    return FindingAnswer(fault=found.fault, first=found.first, last=found.last, detail=words)


_REFUSES = {
    400: ("export_too_large",),
    403: ("column_withheld",),
    503: ("export_slow", "question_slow"),
}
_OUTSIDE_AWAY = {503: ("storage_missing", "storage_unavailable")}
_HEADERS = ("Link", "Kanri-Answers-Since", "Kanri-Personal-Data", "Kanri-Row-Count")

READ = Route(
    audit.READ,
    permission="audit:read",
    summary=Text("Read the audit log of a tenant", "テナントの監査ログの取得"),
    handle=read,
    tenant="known",
    reads="audit.read",
    parameters=_PARAMETERS,
    answer=AuditAnswer,
    headers=_HEADERS,
    refuses=_REFUSES,
)
VERIFY = Route(
    audit.VERIFY,
    permission="audit:read",
    summary=Text("Verify the audit log of a tenant", "テナントの監査ログの検証"),
    handle=verify,
    tenant="known",
    share="export",
    answer=VerificationAnswer,
    refuses=_OUTSIDE_AWAY,
)
VERIFY_DEPLOYMENT = Route(
    audit.VERIFY_DEPLOYMENT,
    permission="audit:read",
    summary=Text("Verify the audit log of the deployment", "展開全体の監査ログの検証"),
    handle=verify_deployment,
    every_tenant=True,
    share="export",
    answer=VerificationAnswer,
    refuses=_OUTSIDE_AWAY,
)
READ_DEPLOYMENT = Route(
    audit.READ_DEPLOYMENT,
    permission="audit:read",
    summary=Text("Read the audit log of the deployment", "展開全体の監査ログの取得"),
    handle=read_deployment,
    every_tenant=True,
    reads="audit.read",
    parameters=_PARAMETERS,
    answer=AuditAnswer,
    headers=_HEADERS,
    refuses=_REFUSES,
)
