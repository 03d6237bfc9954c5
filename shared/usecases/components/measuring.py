"""The figures themselves: whether workers keep what they count."""

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Look:
    """Return whether counts of the last minutes are kept, and whether any were lost."""
    found = evidence.sampled()
    facts = {"workers": found.workers, "lostRequests": found.sample.lost}
    if found.until is None:
        return Look(state="unknown", at=None)
    if found.sample.lost:
        return Look(state="degraded", at=found.until, cause="samples_lost", facts=facts)
    return Look(state="ok", at=found.until, facts=facts)


COMPONENT = Component(
    title=Text("Measuring", "計測"),
    how=Text(
        "Counts of requests that workers kept in the last 15 minutes.",
        "直近 15 分間にワーカーが保存した要求の集計。",
    ),
    look=look,
)
