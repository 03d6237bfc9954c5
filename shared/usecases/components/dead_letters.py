"""Messages that were given up."""

from datetime import timedelta

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

_YOUNG = timedelta(hours=1)


def look(evidence: Evidence) -> Look:
    """Return whether anything was given up lately, and how much lies there."""
    newest = next(iter(evidence.dead_letters.all(1)), None)
    facts = {
        "count": evidence.dead_letters.count(),
        "newestAt": None if newest is None else newest.received_at,
    }
    if newest is not None and evidence.now - newest.received_at < _YOUNG:
        return Look(state="degraded", at=evidence.now, cause=newest.cause, facts=facts)
    return Look(state="ok", at=evidence.now, facts=facts)


COMPONENT = Component(
    title=Text("Dead letters", "配信不能メッセージ"),
    how=Text(
        "Counted now; those of the last hour say that something is broken.",
        "現時点の件数。直近 1 時間のものは障害を示します。",
    ),
    look=look,
)
