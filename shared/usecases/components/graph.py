"""Microsoft Graph, as the last run of each dataset met it."""

from datetime import timedelta

from shared.core.component import Component, Condition, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

# Some dataset is due every 30 minutes in every active tenant.
_SILENCE = timedelta(hours=2)


def look(evidence: Evidence) -> Look:
    """Return whether datasets are read, and how many it refused or did not answer for."""
    good = [one for one in evidence.collecting if one.state in ("ok", "partial")]
    bad = [one for one in evidence.collecting if (one.cause or "").startswith("graph_")]
    answered = max((one.newest for one in good), default=None)
    facts = {"read": sum(one.count for one in good), "failed": sum(one.count for one in bad)}
    cause = max(bad, key=lambda one: one.newest).cause if bad else None
    newest = answered or max((one.newest for one in bad), default=None)
    state: Condition
    if answered is None or evidence.now - answered > _SILENCE:
        state = "failing" if bad else "unknown"
    else:
        state = "degraded" if bad else "ok"
    return Look(state=state, at=newest, cause=cause, facts=facts)


COMPONENT = Component(
    title=Text("Microsoft Graph", "Microsoft Graph"),
    how=Text(
        "How the last run of every dataset of every active tenant ended.",
        "有効な全テナントの全データセットについて、最後の収集の結果。",
    ),
    look=look,
)
