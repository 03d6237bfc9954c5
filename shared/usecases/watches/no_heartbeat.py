"""The schedule claims nothing, although work of the deployment is due every quarter of an hour."""

from collections.abc import Iterable

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import SILENCE, Evidence


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Fire once if the last claim is too old; of a deployment that has just begun nothing is known."""
    claimed = evidence.heartbeat
    if claimed is None:
        return None
    silent = evidence.now - claimed
    if silent <= SILENCE:
        return []
    return [Firing(since=claimed, value=round(silent.total_seconds()))]


WATCH = Watch(
    title=Text("The schedule stands still", "スケジュールの停止"),
    severity=1,
    threshold=SILENCE.total_seconds(),
    unit=Text("s since work was claimed", "最後に処理が開始対象となってからの秒数"),
    look=look,
)
