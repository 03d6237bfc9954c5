"""Answers with an error of ours, of all functions together."""

from collections.abc import Iterable

from shared.core.sample import Sample
from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_MOST = 10


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Fire once if there were too many in the last window."""
    found = evidence.sampled()
    if found.until is None:
        return None
    count = _failed(found.sample)
    if count <= _MOST:
        return []
    return [Firing(since=evidence.since(lambda one: _failed(one) > _MOST), value=count)]


def _failed(sample: Sample) -> int:
    return sum(
        count
        for route in sample.routes.values()
        for status, count in route.statuses.items()
        if status >= 500
    )


WATCH = Watch(
    title=Text("The API answers with server errors", "API のサーバー エラー"),
    severity=1,
    threshold=_MOST,
    unit=Text("answers of 5xx in 15 minutes", "15 分間の 5xx 応答数"),
    look=look,
)
