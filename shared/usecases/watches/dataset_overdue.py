"""Datasets that have been due for long without a complete read."""

from collections.abc import Iterable
from datetime import timedelta

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence

_MOST = timedelta(hours=2)


def look(evidence: Evidence) -> Iterable[Firing]:
    """Return the datasets that are that late, the latest first."""
    return [
        Firing(
            since=evidence.now - one.late,
            value=round(one.late.total_seconds()),
            subject={"tenantId": str(one.tenant_id), "dataset": one.dataset},
        )
        for one in evidence.overdue
        if one.late > _MOST
    ]


WATCH = Watch(
    title=Text("A dataset is overdue", "データセットの収集遅延"),
    severity=2,
    threshold=_MOST.total_seconds(),
    unit=Text("s late", "遅延 (秒)"),
    look=look,
)
