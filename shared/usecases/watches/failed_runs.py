"""Share of collections that failed or read only a part, once there are enough of them."""

from collections.abc import Iterable
from datetime import timedelta

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_WINDOW, _MOST_PERCENT, _ENOUGH = timedelta(hours=1), 20, 10


def look(evidence: Evidence) -> Iterable[Firing]:
    """Fire once if too many of the last hour's ended badly; since when, at the latest, the hour begins."""
    since = evidence.now - _WINDOW
    ended = evidence.figures.ended(["collect"], since)
    whole = sum(one.count for one in ended)
    bad = [one for one in ended if one.state in ("failed", "partial")]
    percent = 100 * sum(one.count for one in bad) / max(1, whole)
    if whole < _ENOUGH or percent <= _MOST_PERCENT:
        return []
    return [Firing(since=min(one.oldest for one in bad), value=round(percent, 1))]


WATCH = Watch(
    title=Text("Many collections fail", "収集の失敗の増加"),
    severity=2,
    threshold=_MOST_PERCENT,
    unit=Text("% of runs in an hour", "1 時間の収集に占める割合 (%)"),
    look=look,
)
