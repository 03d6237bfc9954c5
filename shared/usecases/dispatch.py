"""Turns what is due, of every kind of work, into queue messages; store.work.claims decides what is."""

from collections.abc import Iterable
from datetime import datetime

from shared.core.messages import Claim
from shared.core.registry import of
from shared.core.work import WORKS, Outgoing
from shared.store.work.runs import Runs


def dispatch(runs: Runs, now: datetime, traceparent: str | None = None) -> list[Outgoing]:
    """Claim what is due and return its messages: tenants take turns, each with its longest due first.

    A tenant whose work stood together in the queue would take all workers at once, and they would
    wait for one another's share of its budgets. At most 500 messages of a queue are on their way at
    a time. A claim whose message gets lost is claimed again later, so sending need not be
    transactional.
    """
    works = list(of(WORKS).values())
    sent: list[Outgoing] = []
    for queue in sorted({work.queue for work in works}):
        claims = runs.claim_due(now, [work for work in works if work.queue == queue])
        sent += outgoing(claims, traceparent)
    return sent


def outgoing(claims: Iterable[Claim], traceparent: str | None = None) -> list[Outgoing]:
    """Return each claim as the message that goes to the queue of its kind, in order."""
    return [
        Outgoing(of(WORKS)[claim.kind].queue, claim.model_copy(update={"traceparent": traceparent}))
        for claim in claims
    ]


def bodies(sent: Iterable[Outgoing], queue: str) -> str:
    """Return what goes to `queue` as an output binding takes it: '' for nothing.

    The host sends one message for each element of a JSON array.
    """
    own = [one.message.model_dump_json() for one in sent if one.queue == queue]
    return f"[{','.join(own)}]" if own else ""
