"""Turns what was counted of requests into answers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from shared.core.latency import Histogram
from shared.core.sample import RouteSample, Slow
from shared.core.stopwatch import BUDGETS, Stage
from shared.core.text import Lang, text
from shared.usecases.read_samples import Sampled
from shared.usecases.sample_requests import EVERY
from shared.web.endpoint import Endpoint, endpoints
from shared.web.resources.ops.shapes import (
    CountedAnswer,
    PerformanceAnswer,
    RoutePerformanceAnswer,
    RouteStagesAnswer,
    SlowAnswer,
    StageAnswer,
    StagesAnswer,
    TrafficAnswer,
)

_STAGES: tuple[Stage, ...] = (*BUDGETS, "waiting")


def counted(found: Sampled, lang: Lang, now: datetime) -> CountedAnswer:
    """Return how far the counts can be relied on."""
    key = "ops.coverage" if found.until else "ops.nothing_counted"
    return CountedAnswer(
        asked_since=found.asked_since,
        since=found.since,
        until=found.until,
        age_seconds=None if found.until is None else _rounded((now - found.until).total_seconds()),
        unkept_seconds=int(EVERY),
        workers=found.workers,
        lost_requests=found.sample.lost,
        detail=text(key, lang, seconds=int(EVERY)),
    )


def stages_answer(found: Sampled, lang: Lang, now: datetime) -> StagesAnswer:
    """Return the stages of what was counted."""
    routes = {name: one for (name, exports), one in found.sample.routes.items() if not exports}
    answers = [
        RouteStagesAnswer(function=name, **_place(name), stages=stages_of([one]))
        for name, one in routes.items()
    ]
    return StagesAnswer(
        counted=counted(found, lang, now),
        stages=stages_of(routes.values()),
        routes=sorted(answers, key=lambda one: (-_breaches(one), one.function)),
        slowest=[_slow(one) for one in found.sample.slowest],
    )


def performance_answer(found: Sampled, lang: Lang, now: datetime) -> PerformanceAnswer:
    """Return the traffic of what was counted."""
    seconds = _seconds(found)
    routes = [
        RoutePerformanceAnswer(
            **_traffic([one], seconds), function=name, **_place(name), exports=exports
        )
        for (name, exports), one in found.sample.routes.items()
    ]
    return PerformanceAnswer(
        counted=counted(found, lang, now),
        total=TrafficAnswer(**_traffic(found.sample.routes.values(), seconds)),
        routes=sorted(routes, key=lambda one: (-one.requests, one.function, one.exports)),
    )


def stages_of(routes: Iterable[RouteSample]) -> list[StageAnswer]:
    """Return each stage of the routes together, in the order in which a request goes through them."""
    routes = list(routes)
    return [_stage(stage, routes) for stage in _STAGES]


def _stage(stage: Stage, routes: Iterable[RouteSample]) -> StageAnswer:
    whole = Histogram()
    for route in routes:
        if (found := route.stages.get(stage)) is not None:
            whole.merge(found)
    count, budget = whole.count, BUDGETS.get(stage)
    return StageAnswer(
        stage=stage,
        budget_ms=budget,
        requests=count,
        breaches=None if budget is None else whole.over,
        breached_percent=None if budget is None else percent(whole.over, count),
        mean_ms=_rounded(whole.total / count) if count else None,
        p50_ms=_rounded(whole.percentile(0.5)),
        p95_ms=_rounded(whole.percentile(0.95)),
        p99_ms=_rounded(whole.percentile(0.99)),
        max_ms=_rounded(whole.most) if count else None,
    )


def _traffic(routes: Iterable[RouteSample], seconds: float | None) -> dict[str, Any]:
    routes = list(routes)
    statuses: Counter[int] = Counter()
    for route in routes:
        statuses.update(route.statuses)
    requests = statuses.total()
    failed = sum(count for status, count in statuses.items() if status >= 500)
    refused = sum(count for status, count in statuses.items() if 400 <= status < 500)
    return {
        "requests": requests,
        "per_second": None if seconds is None else _rounded(requests / seconds),
        "answered": requests - failed - refused,
        "refused": refused,
        "failed": failed,
        "failed_percent": percent(failed, requests),
        "statuses": dict(sorted(statuses.items())),
        "whole": _stage("whole", routes),
    }


def _slow(one: Slow) -> SlowAnswer:
    return SlowAnswer(
        request_id=None if one.request_id is None else UUID(one.request_id),
        function=one.route,
        **_place(one.route),
        at=datetime.fromisoformat(one.at),
        status=one.status,
        spent_ms=dict(one.spent),
    )


def percent(part: int, whole: int) -> float | None:
    """Return `part` in per cent of `whole`; None of nothing."""
    return _rounded(100 * part / whole) if whole else None


def _seconds(found: Sampled) -> float | None:
    if found.since is None or found.until is None:
        return None
    return max(1.0, (found.until - found.since).total_seconds())


def _breaches(one: RouteStagesAnswer) -> int:
    return sum(stage.breaches or 0 for stage in one.stages)


def _rounded[N: float | None](value: N) -> N:
    return value if value is None else round(value, 3)  # type: ignore[return-value]


def _place(function: str) -> Mapping[str, Any]:
    endpoint = _endpoints().get(function)
    return {
        "method": None if endpoint is None else endpoint.method,
        "path": None if endpoint is None else endpoint.path,
    }


@cache
def _endpoints() -> Mapping[str, Endpoint]:
    return {endpoint.function: endpoint for endpoint in endpoints()}
