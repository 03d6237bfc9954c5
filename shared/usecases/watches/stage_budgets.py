"""Stages of requests that take longer than their budget too often."""

from collections.abc import Iterable

from shared.core.latency import Histogram
from shared.core.sample import Sample
from shared.core.stopwatch import BUDGETS, Stage
from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

# One in twenty: a cold start now and then breaks every budget. Fewer requests say nothing.
_MOST_PERCENT, _ENOUGH = 5, 20


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Return the stages that broke their budget too often in the last window."""
    found = evidence.sampled()
    if found.until is None:
        return None
    return [
        Firing(
            since=evidence.since(lambda one, stage=stage: stage in _broken(one)),  # type: ignore[misc]
            value=share,
            subject={"stage": stage, "budgetMs": f"{BUDGETS[stage]:g}"},
        )
        for stage, share in _broken(found.sample).items()
    ]


def _broken(sample: Sample) -> dict[Stage, float]:
    found: dict[Stage, float] = {}
    for stage in BUDGETS:
        whole = Histogram()
        for (_, exports), route in sample.routes.items():
            if not exports and (spans := route.stages.get(stage)) is not None:
                whole.merge(spans)
        if whole.count >= _ENOUGH and 100 * whole.over > _MOST_PERCENT * whole.count:
            found[stage] = round(100 * whole.over / whole.count, 1)
    return found


WATCH = Watch(
    title=Text("Requests break their budgets", "要求の所要時間が目標を超過"),
    severity=3,
    threshold=_MOST_PERCENT,
    unit=Text("% of requests in 15 minutes", "15 分間の要求に占める割合 (%)"),
    look=look,
)
