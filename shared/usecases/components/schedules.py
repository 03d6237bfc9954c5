"""The dispatcher: the deployment's own work is due all the time."""

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import SILENCE, Evidence


def look(evidence: Evidence) -> Look:
    """Return whether what is due is claimed, and how many datasets are late."""
    claimed, late = evidence.heartbeat, len(evidence.overdue)
    facts = {"lateDatasets": late}
    if claimed is None:
        return Look(state="unknown", at=None, facts=facts)
    if evidence.now - claimed > SILENCE:
        return Look(state="failing", at=claimed, cause="schedule_silent", facts=facts)
    if late:
        return Look(state="degraded", at=claimed, cause="datasets_late", facts=facts)
    return Look(state="ok", at=claimed, facts=facts)


COMPONENT = Component(
    title=Text("Schedules and dispatcher", "スケジュールとディスパッチャー"),
    how=Text(
        "When the schedule last claimed work of the deployment, and which datasets are overdue.",
        "展開自身の処理が最後に開始対象となった時刻と、期限を過ぎたデータセットの数。",
    ),
    look=look,
)
