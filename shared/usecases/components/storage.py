"""Azure Tables and Blob: written every quarter of an hour by whoever anchors the audit log."""

from datetime import timedelta

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

_SILENCE = timedelta(minutes=45)
_OF_STORAGE = ("storage_missing", "storage_unavailable")


def look(evidence: Evidence) -> Look:
    """Return whether both took what was written last."""
    seen = evidence.own("anchor_audit")
    if seen is None or seen.finished_at is None:
        return Look(state="unknown", at=None)
    if seen.cause in _OF_STORAGE:
        return Look(state="failing", at=seen.finished_at, cause=seen.cause)
    if seen.state == "failed" or evidence.now - seen.finished_at > _SILENCE:
        return Look(state="unknown", at=seen.finished_at, cause=seen.cause)
    return Look(state="ok", at=seen.finished_at)


COMPONENT = Component(
    title=Text("Storage (Tables and Blob)", "ストレージ (Tables と Blob)"),
    how=Text(
        "The last time that heads of the audit log were written to both, every 15 minutes.",
        "監査ログの末尾を両方へ最後に書き込んだ結果 (15 分ごと)。",
    ),
    look=look,
)
