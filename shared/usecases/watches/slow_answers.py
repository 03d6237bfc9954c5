"""Functions whose 95th percentile is slow; a handful of calls says nothing."""

from collections.abc import Iterable

from shared.core.latency import Histogram
from shared.core.sample import Sample
from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_MOST_MS, _ENOUGH = 5000, 20


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Return the functions that were slow in the last window, and those only that were in the one before."""
    found, before = evidence.sampled(), evidence.sampled(1)
    if found.until is None:
        return None
    earlier = _slow(before.sample)
    return [
        Firing(
            since=evidence.since(lambda one, name=name: name in _slow(one)),  # type: ignore[misc]
            value=ms,
            subject={"function": name},
        )
        for name, ms in sorted(_slow(found.sample).items())
        if name in earlier
    ]


def _slow(sample: Sample) -> dict[str, float]:
    whole: dict[str, Histogram] = {}
    for (name, _), route in sample.routes.items():
        if (spans := route.stages.get("whole")) is not None:
            whole.setdefault(name, Histogram()).merge(spans)
    p95 = {name: one.percentile(0.95) for name, one in whole.items() if one.count >= _ENOUGH}
    return {name: round(ms, 1) for name, ms in p95.items() if ms is not None and ms > _MOST_MS}


WATCH = Watch(
    title=Text("Answers are slow", "応答の遅延"),
    severity=2,
    threshold=_MOST_MS,
    unit=Text(
        "ms, 95th percentile of 15 minutes, twice in a row",
        "15 分間の 95 パーセンタイル (ms)、2 回連続",
    ),
    look=look,
)
