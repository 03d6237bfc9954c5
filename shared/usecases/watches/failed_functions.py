"""Functions that answer with an error of ours. Of timers and queues Azure Monitor tells."""

from collections.abc import Iterable

from shared.core.sample import Sample
from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_MOST = 5


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Return the functions with too many answers of 5xx in the last window."""
    found = evidence.sampled()
    if found.until is None:
        return None
    failed = _failed(found.sample)
    return [
        Firing(
            since=evidence.since(lambda one, name=name: _failed(one).get(name, 0) > _MOST),  # type: ignore[misc]
            value=count,
            subject={"function": name},
        )
        for name, count in sorted(failed.items())
        if count > _MOST
    ]


def _failed(sample: Sample) -> dict[str, int]:
    found: dict[str, int] = {}
    for (name, _), route in sample.routes.items():
        count = sum(count for status, count in route.statuses.items() if status >= 500)
        found[name] = found.get(name, 0) + count
    return found


WATCH = Watch(
    title=Text("Functions fail", "関数の失敗"),
    severity=1,
    threshold=_MOST,
    unit=Text("answers of 5xx in 15 minutes", "15 分間の 5xx 応答数"),
    look=look,
)
