"""Is the app alive, and can it do its work?"""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import health
from shared.web.resources.health.shapes import Alive, CheckAnswer, Readiness
from shared.web.route import Call, Route
from shared.web.shapes import shaped


def live(_: Call) -> Response:
    """Answer without touching anything: the process runs and serves HTTP."""
    return json_response(Alive(status="alive"))


def ready(call: Call) -> Response:
    """Check what the work needs; 503 if a check fails."""
    from shared.usecases.check_health import check_health

    checks = check_health(call.doors.engine, call.now)
    ok = all(check.ok for check in checks)
    answer = Readiness(
        status="ready" if ok else "not_ready",
        checked_at=call.now,
        checks=shaped(checks, list[CheckAnswer]),
    )
    return json_response(answer, 200 if ok else 503)


LIVE = Route(
    health.LIVE,
    permission="anonymous",
    summary=Text("Is the process alive?", "プロセスの稼働確認"),
    handle=live,
    answer=Alive,
    share="none",
)
READY = Route(
    health.READY,
    permission="health:read",
    summary=Text("Can it do its work?", "稼働準備の確認"),
    handle=ready,
    every_tenant=True,
    answer=Readiness,
    also=(503,),
    share="readiness",
)
