"""How the service itself fares: what was measured of requests by all instances."""

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.core.asked import choice
from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import ops
from shared.web.resources.ops.shapes import PerformanceAnswer, StagesAnswer
from shared.web.route import Call, Parameter, Route

if TYPE_CHECKING:
    from shared.usecases.read_samples import Sampled

_PERIODS = {
    "PT15M": timedelta(minutes=15),
    "PT1H": timedelta(hours=1),
    "P1D": timedelta(days=1),
    "P7D": timedelta(days=7),
    "P30D": timedelta(days=30),
}
_USUAL = "PT1H"

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


def _sampled(call: Call) -> "Sampled":
    from shared.usecases.read_samples import read_samples

    period = _PERIODS[choice(call.request.query, "period", tuple(_PERIODS), _USUAL)]
    return read_samples(call.doors.engine, call.now - period, call.now)


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
