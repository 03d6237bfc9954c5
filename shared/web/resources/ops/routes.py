"""How the service itself fares: stages, figures, alerts and health, of all instances together."""

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.core.asked import choice
from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import ops
from shared.web.resources.ops.shapes import (
    AlertsAnswer,
    HealthAnswer,
    MonitoringAnswer,
    PerformanceAnswer,
    SecurityAnswer,
    StagesAnswer,
)
from shared.web.route import Call, Parameter, Route

if TYPE_CHECKING:
    from shared.usecases.evidence import Evidence
    from shared.usecases.read_samples import Sampled

_PERIODS = {
    "PT15M": timedelta(minutes=15),
    "PT1H": timedelta(hours=1),
    "P1D": timedelta(days=1),
    "P7D": timedelta(days=7),
    "P30D": timedelta(days=30),
}
_USUAL = "PT1H"
# Below the repository of the version that answers.
_RUNBOOKS = "docs/runbooks"

PERIOD = Parameter(
    "period",
    Text(
        "How far back, up to now. Hours that ended more than an hour ago are kept as a whole.",
        "現在までの期間。1 時間以上前に終わった時間帯は 1 時間単位で保持されます。",
    ),
    {"enum": list(_PERIODS), "default": _USUAL},
    example=_USUAL,
)


def stages(call: Call) -> Response:
    """Return what each stage of requests took beside its budget, on all instances, and the slowest requests."""
    from shared.web.resources.ops.figures import stages_answer

    return json_response(stages_answer(_sampled(call), call.lang, call.now))


def performance(call: Call) -> Response:
    """Return how many requests there were on all instances, what became of them and how long they took."""
    from shared.web.resources.ops.figures import performance_answer

    return json_response(performance_answer(_sampled(call), call.lang, call.now))


def monitoring(call: Call) -> Response:
    """Return how work of every kind fares: what ended in the period, what is under way, what is late."""
    from shared.web.resources.ops.standing import monitoring_answer

    return json_response(monitoring_answer(_evidence(call), call.now - _period(call)))


def security(call: Call) -> Response:
    """Return what was refused on all instances, by code, who is shut out now, and how the audit log is."""
    from shared.usecases.check_components import check_component
    from shared.web.resources.ops.standing import security_answer

    evidence = _evidence(call)
    audit = check_component("audit_log", evidence)
    return json_response(security_answer(_sampled(call), evidence, audit, call.lang))


def health(call: Call) -> Response:
    """Return the state of each part of the service, of when it is, and what it is taken from.

    Nobody outside is asked: what Microsoft and storage last did is told by the runs that asked them. The
    answer is 200 whatever the state; without the database nobody can be told who he is, and it is 503.
    """
    from shared.usecases.check_components import check_components
    from shared.web.resources.ops.standing import health_answer

    found = check_components(_evidence(call))
    return json_response(health_answer(found, call.lang, call.now))


def alerts(call: Call) -> Response:
    """Return what fires now by Kanri's own rules, since when, and what to do. What only Azure Monitor measures is not in it."""
    from shared.usecases.check_components import check_watches
    from shared.web.resources.ops.standing import alerts_answer

    found = check_watches(_evidence(call))
    return json_response(alerts_answer(found, _RUNBOOKS, call.lang, call.now))


def _evidence(call: Call) -> "Evidence":
    from shared.usecases.evidence import Evidence

    return Evidence(call.doors.engine, call.doors.keyring(), call.now)


def _period(call: Call) -> timedelta:
    return _PERIODS[choice(call.request.query, "period", tuple(_PERIODS), _USUAL)]


def _sampled(call: Call) -> "Sampled":
    from shared.usecases.read_samples import read_samples

    return read_samples(call.doors.engine, call.now - _period(call), call.now)


STAGES = Route(
    ops.STAGES,
    permission="ops:read",
    summary=Text("Read the stages of requests and their budgets", "要求の段階別の所要時間の取得"),
    handle=stages,
    every_tenant=True,
    parameters=(PERIOD,),
    answer=StagesAnswer,
)
PERFORMANCE = Route(
    ops.PERFORMANCE,
    permission="ops:read",
    summary=Text("Read the performance of requests", "要求の性能指標の取得"),
    handle=performance,
    every_tenant=True,
    parameters=(PERIOD,),
    answer=PerformanceAnswer,
)
MONITORING = Route(
    ops.MONITORING,
    permission="ops:read",
    summary=Text("Read how work fares", "処理の稼働状況の取得"),
    handle=monitoring,
    every_tenant=True,
    parameters=(PERIOD,),
    answer=MonitoringAnswer,
)
SECURITY = Route(
    ops.SECURITY,
    permission="ops:read",
    summary=Text("Read what was refused and who is shut out", "拒否と遮断の状況の取得"),
    handle=security,
    every_tenant=True,
    parameters=(PERIOD,),
    answer=SecurityAnswer,
)
# Of the share in which no report waits.
HEALTH = Route(
    ops.HEALTH,
    permission="ops:read",
    summary=Text("Read the health of every component", "コンポーネントの正常性の取得"),
    handle=health,
    every_tenant=True,
    answer=HealthAnswer,
    share="administration",
)
ALERTS = Route(
    ops.ALERTS,
    permission="ops:read",
    summary=Text("Read what fires now", "発報中のアラートの取得"),
    handle=alerts,
    every_tenant=True,
    answer=AlertsAnswer,
    share="administration",
)
