"""Events of security, and the posture of Kanri itself."""

from collections import Counter
from collections.abc import Sequence

from shared.core.asked import choice
from shared.core.posture import CHECKS, STATUSES
from shared.core.registry import of
from shared.core.text import Text
from shared.usecases.read_posture import Checked, read_posture
from shared.web.entity_tags import is_named, tag_of
from shared.web.figures import HEADERS, PARAMETERS, REFUSES, answer_figures
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.reach import REFUSES as REACH_REFUSES
from shared.web.reach import TENANT, reach_of, sight_of
from shared.web.resources import security
from shared.web.resources.security.shapes import (
    PostureAnswer,
    PostureFinding,
    SecurityEventsAnswer,
    StatusCounts,
)
from shared.web.route import Call, Parameter, Route


def events(call: Call) -> Response:
    """Return what of the audit log is an event of security: refusals, blocks, exports, keys, rights."""
    from shared.store.figures.security_events import EVENTS as REPORT

    return answer_figures(call, REPORT, ("audit_events",))


def posture(call: Call) -> Response:
    """Return what the checks of Kanri itself find: of the deployment for who may read every tenant's
    security, and of the tenants that he may read it of. What cannot be known is unknown."""
    from shared.web.listing import page_of

    asked, reach = call.request.query, reach_of(call, "security:read")
    check = choice(asked, "check", tuple(of(CHECKS)), "")
    status = choice(asked, "status", STATUSES, "")
    found = read_posture(
        sight_of(call, reach), deployment=reach.deployment, wanted=(check,) if check else None
    )
    found = [one for one in found if status in ("", one.finding.status)]

    def read(limit: int, after: tuple[str, str] | None) -> Sequence[Checked]:
        return [one for one in found if after is None or _place_of(one) > after][:limit]

    page, cursor = page_of(call, read, _place_of, _place)
    counted = Counter(one.finding.status for one in found)
    answer = PostureAnswer(
        checked_at=call.now,
        counts=StatusCounts(counted["pass"], counted["fail"], counted["unknown"]),
        findings=[_answer(one, call) for one in page],
        cursor=cursor,
    )
    tag = tag_of(answer.counts, answer.findings, cursor is None)
    if is_named(tag, call.request.headers.get("if-none-match", "")):
        return Response(304, b"", {"ETag": tag})
    return json_response(answer, ETag=tag)


def _place_of(one: Checked) -> tuple[str, str]:
    return one.check.check, str(one.finding.tenant_id or "")


def _place(check: str, tenant_id: str) -> tuple[str, str]:
    return str(check), str(tenant_id)


def _answer(one: Checked, call: Call) -> PostureFinding:
    check, finding = one
    return PostureFinding(
        check=check.check,
        title=check.title.of(call.lang),
        severity=check.severity,
        status=finding.status,
        tenant_id=finding.tenant_id,
        why=finding.why.of(call.lang),
        about=list(finding.about),
        fix=check.fix.of(call.lang),
        docs=check.docs,
    )


EVENTS = Route(
    security.EVENTS,
    permission="security:read",
    summary=Text("Read the events of security", "セキュリティ イベントの取得"),
    handle=events,
    reads="security.read",
    parameters=PARAMETERS,
    answer=SecurityEventsAnswer,
    also=(304,),
    headers=HEADERS,
    refuses=REFUSES,
)
POSTURE = Route(
    security.POSTURE,
    permission="security:read",
    summary=Text("How does Kanri itself stand?", "Kanri 自体のセキュリティ状態"),
    handle=posture,
    parameters=(
        TENANT,
        Parameter(
            "check",
            Text("Only this check.", "このチェックのみ。"),
            {"type": "string", "enum": list(of(CHECKS))},
        ),
        Parameter(
            "status",
            Text("Only what is so.", "この結果のみ。"),
            {"type": "string", "enum": list(STATUSES)},
        ),
        TOP,
        CURSOR,
    ),
    answer=PostureAnswer,
    also=(304,),
    headers=("ETag",),
    refuses=REACH_REFUSES,
)
