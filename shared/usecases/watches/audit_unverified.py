"""An audit chain is not what it was when its head was last kept, or heads cannot be kept outside any more."""

from collections.abc import Iterable

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_BAD = ("partial", "failed")


def look(evidence: Evidence) -> Iterable[Firing]:
    """Return the anchoring of heads if it has not ended well since an instant, with its cause."""
    return [
        Firing(since=one.since, value=1, subject={"cause": one.cause or one.state})
        for one in evidence.figures.unbroken("anchor_audit", _BAD)
    ]


WATCH = Watch(
    title=Text("The audit log cannot be relied on", "監査ログの信頼性"),
    severity=1,
    threshold=0,
    unit=Text("anchorings that ended badly", "失敗したアンカー処理の数"),
    look=look,
)
