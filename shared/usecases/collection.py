"""A run of one collector in progress: what the reading modes share."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.core import clock
from shared.core.collector import Collector, UsageCsv
from shared.core.registry import collector
from shared.core.rows import Rejected, Rows
from shared.graph.client import GraphClient
from shared.store.loading import Loader
from shared.store.run_records import Run
from shared.store.runs import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The doors that collecting goes through, and the catalogue. `slice_seconds` is how long one message may work.

    A run that Graph turns away is given up `give_up_after` its start if it has read nothing, and
    `keep_place_for` its start if it has."""

    runs: Runs
    loader: Callable[[str], Loader]
    graph: Callable[[UUID], GraphClient]
    slice_seconds: float
    collector: Callable[[str], Collector] = collector
    give_up_after: timedelta = timedelta(minutes=30)
    keep_place_for: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a reading mode ended.

    `finished` is False when the time was up: the run goes on from its checkpoint. A cause (a text
    key below `error.` and its parameters) says why the data is not all there: the run is partial.
    `window` is the time that events were asked for, `final_until` the date up to which they will not
    be read again. `go_on` lets the next run start where this one ended, although it is partial. A
    `remark` is a cause that takes nothing from the data: all of it is there, the run is ok.
    `healed` is what a full round had to change after the changes had been read.
    """

    finished: bool = True
    cause: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    window: tuple[datetime, datetime] | None = None
    final_until: datetime | None = None
    go_on: bool = False
    remark: bool = False
    healed: int | None = None


UNFINISHED = Reading(finished=False)


@dataclass(slots=True)
class Collection:
    """One run at work. Every write goes through `apply`: rows and checkpoint in one transaction."""

    collector: Collector
    run: Run
    workshop: Workshop
    graph: GraphClient = field(init=False)
    loader: Loader = field(init=False)
    rejection: str | None = field(init=False, default=None)
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.graph = self.workshop.graph(self.run.tenant_id)
        self.loader = self.workshop.loader(self.collector.dataset)
        self._deadline = time.monotonic() + self.workshop.slice_seconds

    @property
    def out_of_time(self) -> bool:
        """Whether this message has worked long enough."""
        return time.monotonic() >= self._deadline

    @property
    def checkpoint(self) -> Mapping[str, object]:
        """Where to go on: this run's own place if it continues, else what the last run left."""
        return self.run.checkpoint or {}

    async def apply(
        self,
        rows: Rows,
        checkpoint: Mapping[str, object] | None,
        *,
        observed_at: datetime | None = None,
        track_seen: bool = False,
        complete_parents: Sequence[str] = (),
    ) -> None:
        """Store a batch. Raises Superseded when another worker went on with the run."""
        if rows.rejected and self.rejection is None:
            self.rejection = self._told(rows.rejected[0])
        await asyncio.to_thread(
            self.loader.apply,
            self.run,
            rows,
            observed_at=observed_at or clock.now(),
            checkpoint=checkpoint,
            track_seen=track_seen,
            complete_parents=complete_parents,
        )

    def _told(self, first: Rejected) -> str:
        """Return which object it was and why. The key of a usage report is a person's name."""
        named = first.id is not None and not isinstance(self.collector.mode, UsageCsv)
        return f"{first.id}: {first.cause}" if named else first.cause

    def reading(self, window: tuple[datetime, datetime] | None = None) -> Reading:
        """Return how a read that came to its end went: partial if objects were rejected."""
        count = self.run.counts.rejected
        if not count:
            return Reading(window=window)
        params = {"count": count, "reason": self.rejection or "see an earlier part of the run"}
        return Reading(cause="rows_rejected", params=params, window=window)
