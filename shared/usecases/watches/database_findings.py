"""The last look at the database found something critical."""

from collections import Counter
from collections.abc import Iterable

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.store.optimization.runs import OptimizationRuns
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Iterable[Firing] | None:
    """Return the checks that found something critical; None before the first look."""
    last = OptimizationRuns(evidence.engine).last()
    if last is None:
        return None
    found = Counter(one.check for one in last.findings if one.severity == "critical")
    return [
        Firing(since=last.started_at, value=number, subject={"check": check})
        for check, number in sorted(found.items())
    ]


WATCH = Watch(
    title=Text("The database ails", "データベースの状態の悪化"),
    severity=2,
    threshold=0,
    unit=Text("critical findings of the last look", "直近の確認での重大な検出結果の数"),
    look=look,
)
