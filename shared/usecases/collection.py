"""A run of one collector in progress: what the reading modes share.

Rows and place are saved together, by `store.datasets.loading` and `checkpoints`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import cast

import msgspec

from shared.core import clock
from shared.core.collector import Collector
from shared.core.errors import GraphError
from shared.core.logs import log
from shared.core.rows import Rejected, Rows
from shared.graph.client import GraphClient
from shared.graph.paging import Trail
from shared.graph.requests import fingerprint
from shared.store.datasets.loading import Loader
from shared.store.datasets.parents import Links, Parents
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors
from shared.usecases.page_sizes import resized, size_today, smaller


class Place(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Where a reader goes on: each has its own, and saves and returns nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a reading mode ended.

    `finished` is False when the time was up: the run goes on from its checkpoint. A cause (a text
    key below `error.` and its parameters) says why the data is not all there: the run is partial.
    `window` is the time that events were asked for, `final_until` the date up to which they will not
    be read again. `place` is where the next run shall go on, in the reader's own type; None: from the
    place saved last. `go_on` lets it, although this one is partial. A `remark` is a cause that takes
    nothing from the data: all of it is there, the run is ok. `wait`, of one that is not finished: how
    long it is of no use to go on. `healed` is what a full round had to
    change after the changes had been read.
    """

    finished: bool = True
    cause: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    window: tuple[datetime, datetime] | None = None
    final_until: datetime | None = None
    place: Place | None = None
    go_on: bool = False
    remark: bool = False
    healed: int | None = None
    wait: timedelta | None = None


UNFINISHED = Reading(finished=False)
# In a saved place these are the collection's own; all else is the reader's.
_BOUND = ("asked", "trail", "size", "sizedAt")
# What holds for pages of any size. A link does not, and what belongs to one neither.
_LASTING = ("watermark", "lookedBack")


@dataclass(slots=True)
class Collection:
    """One run at work. Every write goes through `apply`: rows and checkpoint in one transaction.

    A saved place belongs to the question it was made for: every checkpoint carries its fingerprint.
    `checkpoint` is where to go on: this run's own place if it continues, else what the last run left.
    """

    collector: Collector
    run: Run
    doors: WorkDoors
    graph: GraphClient = field(init=False)
    loader: Loader = field(init=False)
    rejection: str | None = field(init=False, default=None)
    mended: int = field(init=False, default=0)
    trail: Trail = field(init=False, default_factory=Trail)
    checkpoint: Mapping[str, object] = field(init=False)
    parents: Parents = field(init=False)
    _asked: str = field(init=False)
    _sized: dict[str, object] = field(init=False, default_factory=dict)
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.graph = self.doors.graph(self.run.tenant_id)
        self.checkpoint = self.run.checkpoint or {}
        self.loader = self.doors.loader(self.collector.dataset)
        self._asked = fingerprint(self.collector)
        self.parents = Parents(self.doors.engine, self.collector, self._asked)
        self._deadline = clock.monotonic() + self.doors.slice_seconds

    async def shrink(self, error: GraphError) -> bool:
        """Go on with pages of half the size if `error` says that one was too big; say whether.

        A link carries the size that it was made for: only delta, which is asked by a header, goes
        on from where it was. The size is saved with the place, for this tenant and dataset.
        """
        size = smaller(self.collector, error)
        if size is None:
            return False
        log("pages_too_big", cause=error.code, size=size)
        place = {name: value for name, value in self.checkpoint.items() if name not in _BOUND}
        if not self.collector.extent.tells_changes:
            await asyncio.to_thread(self.loader.restart, self.run)
            place = {name: place[name] for name in _LASTING if name in place}
            self.trail = Trail()
        self._resize(size, clock.now())
        await self._apply(Rows(), self._bound(place))
        self.run.continues = True
        return True

    def _resize(self, size: int, since: datetime) -> None:
        self.collector = resized(self.collector, size)
        self._sized = {"size": size, "sizedAt": since.isoformat()}

    async def settle_place(self) -> None:
        """Give up a place that belongs to another question, as after an upgrade that asks for more:
        everything is read again. What was asked for until when (a watermark) still counts."""
        saved = self.checkpoint
        size, since = saved.get("size"), saved.get("sizedAt")
        sized = size_today(self.collector, size, since, self.run.started_at)
        if sized is not None:
            self._resize(*sized)
        if saved and saved.get("asked") != self._asked:
            log("place_given_up", cause="the question has changed")
            # What the former question showed counts as seen by this one else, and would stay current.
            if self.run.continues:
                await asyncio.to_thread(self.loader.restart, self.run)
            lasting = ("watermark",)  # without its look-backs a window is read in full
            self.checkpoint = {name: saved[name] for name in lasting if name in saved}
        elif self.run.continues and isinstance(trail := saved.get("trail"), dict):
            self.trail = Trail(**trail)

    def left(self, reading: Reading) -> Mapping[str, object]:
        """Return where the next run shall go on, if this one ends well, with its question."""
        return self.checkpoint if reading.place is None else self._bound(_plain(reading.place))

    def place[P: Place](self, kind: type[P]) -> P:
        """Return the saved place as the reader's own type; all defaults if there is none.

        What belongs to the collection (question, way, size) is left out."""
        return msgspec.convert(self.checkpoint, kind)

    def _bound(self, place: Mapping[str, object]) -> dict[str, object]:
        """Return a place with its question, and where it goes on by a link, the way to it."""
        bound = {**place, "asked": self._asked, **self._sized}
        return bound | {"trail": asdict(self.trail)} if "nextLink" in place else bound

    @property
    def out_of_time(self) -> bool:
        """Whether this message has worked long enough."""
        return clock.monotonic() >= self._deadline

    async def apply(
        self,
        rows: Rows,
        after: Place | None,
        *,
        observed_at: datetime | None = None,
        track_seen: bool = False,
        complete_parents: Sequence[str] = (),
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Store a batch and the place after it (None: as it was).

        Raises Superseded when another worker went on with the run.
        """
        place = None if after is None else self._bound(_plain(after))
        await self._apply(
            rows, place, observed_at, complete_parents, track_seen=track_seen, links=links
        )

    async def _apply(
        self,
        rows: Rows,
        place: Mapping[str, object] | None,
        observed_at: datetime | None = None,
        complete_parents: Sequence[str] = (),
        *,
        track_seen: bool = False,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.mended += rows.mended
        if rows.rejected and self.rejection is None:
            self.rejection = self._told(rows.rejected[0])
        await asyncio.to_thread(
            self.loader.apply,
            self.run,
            rows,
            observed_at=observed_at or clock.now(),
            checkpoint=place,
            track_seen=track_seen,
            complete_parents=complete_parents,
            links=Links(self._asked, links or {}),
        )
        # Not before it is committed: from a place that was not saved no other worker could go on.
        if place is not None:
            self.checkpoint = place

    def prepare(self, rows: Rows) -> None:
        """Do what can be done before `apply` of a page read ahead, while the server stores the one before."""
        self.loader.prepare(self.run, rows)

    def _told(self, first: Rejected) -> str:
        """Return which object it was and why, without a key that is a person's name."""
        named = first.id is not None and not self.collector.names_people
        return f"{first.id}: {first.cause}" if named else first.cause

    def reading(self, window: tuple[datetime, datetime] | None = None) -> Reading:
        """Return how a read that came to its end went: partial if objects were rejected."""
        params: dict[str, object]
        count = self.run.counts.rejected
        if not count and self.mended:
            params = {"count": self.mended}
            return Reading(cause="rows_mended", params=params, window=window, remark=True)
        if not count:
            return Reading(window=window)
        params = {"count": count, "reason": self.rejection or "see an earlier part of the run"}
        return Reading(cause="rows_rejected", params=params, window=window)


def _plain(place: Place) -> Mapping[str, object]:
    return cast("Mapping[str, object]", msgspec.to_builtins(place))
