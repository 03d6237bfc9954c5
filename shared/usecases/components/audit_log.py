"""The audit log: its heads kept outside the database, and signed anchors."""

from datetime import timedelta

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

_SILENCE = timedelta(minutes=45)


def look(evidence: Evidence) -> Look:
    """Return whether every chain was whole when its head was last kept, and that it is kept at all."""
    seen = evidence.own("anchor_audit")
    if seen is None or seen.finished_at is None:
        return Look(state="unknown", at=None)
    if seen.state != "ok":
        return Look(state="failing", at=seen.finished_at, cause=seen.cause)
    if evidence.now - seen.finished_at > _SILENCE:
        return Look(state="degraded", at=seen.finished_at, cause="anchors_late")
    return Look(state="ok", at=seen.finished_at)


COMPONENT = Component(
    title=Text("Audit log heads and anchors", "監査ログの末尾とアンカー"),
    how=Text(
        "How the last anchoring ended, every 15 minutes: each chain is compared with the head kept before.",
        "15 分ごとのアンカー処理の最後の結果。各連鎖を前回の末尾と照合します。",
    ),
    look=look,
)
