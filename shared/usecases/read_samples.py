"""Adds up what all workers kept of their requests in a while, and says how far that can be relied on."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.core.sample import Sample
from shared.store.registers.request_samples import RequestSamples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.store.registers.request_samples import KeptSample


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was counted. `since` and `until` are None, and nothing is known, if nothing was kept.

    It begins `since`: before `asked_since` where an hour is kept as a whole, after it where nothing older is
    kept. `workers` is how many counted.
    """

    asked_since: datetime
    asked_until: datetime
    since: datetime | None
    until: datetime | None
    workers: int
    sample: Sample


def read_samples(engine: "Engine", since: datetime, until: datetime) -> Sampled:
    """Return what was counted between two instants. Raises StoreUnavailable."""
    return added_up(RequestSamples(engine).between(since, until), since, until)


def added_up(found: "Sequence[KeptSample]", since: datetime, until: datetime) -> Sampled:
    """Return the sum of what was found between two instants."""
    whole = Sample()
    for kept in found:
        whole.merge(kept.sample)
    return Sampled(
        asked_since=since,
        asked_until=until,
        since=min((kept.began_at for kept in found), default=None),
        until=max((kept.ended_at for kept in found), default=None),
        workers=len({worker for kept in found for worker in kept.workers}),
        sample=whole,
    )
