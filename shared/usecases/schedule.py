"""Decides what is due and turns it into queue messages."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from shared.core.messages import CollectMessage
from shared.core.registry import collector, datasets
from shared.store.run_records import Claim
from shared.store.runs import Runs


def schedule(runs: Runs, now: datetime, traceparent: str | None = None) -> list[CollectMessage]:
    """Claim what is due, the longest due first and at most 500 at once, and return its messages.

    A claim whose message gets lost is claimed again later, so sending need not be transactional.
    """
    every = {dataset: collector(dataset).every for dataset in datasets()}
    return collect_messages(taking_turns(runs.claim_due(now, every)), traceparent)


def taking_turns(claims: Iterable[Claim]) -> list[Claim]:
    """Return the first claim of each tenant, then the second of each, and so on.

    A tenant whose datasets stand together in the queue would take all workers at once, and they
    would wait for one another's share of its budgets.
    """
    turns: Counter[UUID] = Counter()
    placed: list[tuple[int, Claim]] = []
    for claim in claims:
        placed.append((turns[claim.tenant_id], claim))
        turns[claim.tenant_id] += 1
    return [claim for _, claim in sorted(placed, key=lambda item: item[0])]


def collect_messages(
    claims: Iterable[Claim], traceparent: str | None = None
) -> list[CollectMessage]:
    """Return the message of each claim, in order."""
    return [
        CollectMessage.model_validate(
            {
                "tenant_id": claim.tenant_id,
                "dataset": claim.dataset,
                "run_id": claim.run_id,
                "part": claim.part,
                "trigger": claim.trigger,
                "traceparent": traceparent,
            }
        )
        for claim in claims
    ]
