"""Datasets whose latest run Graph refused for want of a permission or of consent."""

from collections.abc import Iterable

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Iterable[Firing]:
    """Return them, with the first run that was refused and none good since."""
    return [
        Firing(
            since=one.since,
            value=1,
            subject={"tenantId": str(one.tenant_id), "dataset": one.subject},
        )
        for one in evidence.figures.unbroken("collect", ["not_permitted"])
    ]


WATCH = Watch(
    title=Text("A tenant no longer lets Kanri read", "テナントのアクセス許可の喪失"),
    severity=2,
    threshold=0,
    unit=Text("datasets refused", "拒否されたデータセット数"),
    look=look,
)
