"""Storage queues: a message that a worker opens has gone all the way."""

from datetime import timedelta

from shared.core.component import Component, Condition, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

# Some work of the deployment is sent every quarter of an hour.
_SILENCE = timedelta(minutes=45)


def look(evidence: Evidence) -> Look:
    """Return whether messages that were sent are opened."""
    opened = evidence.figures.newest_start()
    waiting = sum(one.count for one in evidence.under_way if one.phase == "pending")
    unopened = sum(one.overdue for one in evidence.under_way if one.phase == "pending")
    facts = {"waiting": waiting, "unopened": unopened}
    if opened is None:
        return Look(state="unknown", at=None, facts=facts)
    if evidence.now - opened > _SILENCE:
        return Look(state="failing", at=opened, cause="queues_silent", facts=facts)
    state: Condition = "degraded" if unopened else "ok"
    cause = "messages_unopened" if unopened else None
    return Look(state=state, at=opened, cause=cause, facts=facts)


COMPONENT = Component(
    title=Text("Queues", "キュー"),
    how=Text(
        "The last message that a worker opened, and those that none opened within 15 minutes.",
        "ワーカーが最後に開いたメッセージと、15 分以内に開かれなかったメッセージの数。",
    ),
    look=look,
)
