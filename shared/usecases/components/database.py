"""PostgreSQL: asked now."""

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Look:
    """Return whether it answers, and whether its schema is the one this code knows."""
    seen = evidence.database
    if not seen["reachable"]:
        return Look(state="failing", at=evidence.now, cause=str(seen["cause"]))
    if not seen["schema_current"]:
        return Look(state="failing", at=evidence.now, cause="schema_outdated")
    return Look(state="ok", at=evidence.now, facts={"ms": seen["ms"]})


COMPONENT = Component(
    title=Text("Database", "データベース"),
    how=Text(
        "Asked now for the version of its schema, within 5 s.",
        "スキーマのバージョンを 5 秒以内で照会 (現時点)。",
    ),
    look=look,
)
