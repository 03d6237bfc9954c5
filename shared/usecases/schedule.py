"""Decides what is due and turns it into queue messages."""

from collections.abc import Iterable
from datetime import datetime

from shared.core.messages import CollectMessage
from shared.core.registry import collector, datasets
from shared.store.work.run_records import Claim
from shared.store.work.runs import Runs


def schedule(runs: Runs, now: datetime, traceparent: str | None = None) -> list[CollectMessage]:
    """Claim what is due and return its messages: tenants take turns, each with its longest due first.

    A tenant whose datasets stood together in the queue would take all workers at once, and they would
    wait for one another's share of its budgets. At most 500 messages are on their way at a time. A
    claim whose message gets lost is claimed again later, so sending need not be transactional.
    """
    every = {dataset: collector(dataset).every for dataset in datasets()}
    return collect_messages(runs.claim_due(now, every), traceparent)


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
