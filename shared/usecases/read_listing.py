"""Reads a list to its end by nextLinks: complete lists, and delta rounds that start as one."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import structs

from shared.core import clock
from shared.core.errors import DeltaExpired, GraphError, MalformedAnswer
from shared.core.logs import log
from shared.graph.decoding.pages import Page
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import first_url
from shared.usecases.collection import UNFINISHED, Collection, Place, Reading

_RESTARTS = 2
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class ListingPlace(Place, frozen=True):
    """Where the listing stands: a `next_link`, or the `delta_link` at the end of a round.
    `unclosed`: all pages are stored and only the closing is left to do; `full_at` is the last full
    round."""

    full: bool = False
    changed: int | None = None
    full_at: datetime | None = None
    next_link: str | None = None
    delta_link: str | None = None
    unclosed: bool = False


@dataclass(frozen=True, slots=True)
class _At:
    """Where to go on. A `full` read contains every object, so what it lacks is gone; `url` is None
    when all pages are stored and only the closing is left to do. `changed` is set in a full round
    that follows a delta round: the changes that the run had stored before."""

    url: str | None
    full: bool
    changed: int | None = None


async def read_listing(c: Collection) -> Reading:
    """Read all there is, or what has changed.

    A delta round is followed by a full one when that is due: it heals what delta has missed.
    """
    place = _place(c)
    reading = await _read_anew(c, place)
    if place.full or not reading.finished or reading.cause is not None or not _full_round_due(c):
        return reading
    c.trail = Trail()
    url = first_url(c.graph.endpoint, c.collector)
    return await _read_anew(c, _At(url, full=True, changed=_changes(c)))


def full_round_due(tenant_id: UUID, last: datetime, now: datetime, every: timedelta) -> bool:
    """Tell whether a tenant's turn has come since its `last` full round.

    Each tenant has its own instant within `every`, so that not all come at once; after a round out
    of turn the next is no sooner than half of `every`.
    """
    offset = every * (tenant_id.int % 10_007 / 10_007)
    turns = [(moment - _EPOCH + offset) // every for moment in (last, now)]
    return turns[0] < turns[1] and now - last >= every / 2


def _full_round_due(c: Collection) -> bool:
    every, last = c.collector.extent.full_every, c.place(ListingPlace).full_at
    if every is None or last is None:
        return False
    began = c.run.started_at
    return full_round_due(c.run.tenant_id, last, began, every)


def _changes(c: Collection) -> int:
    counts = c.run.counts
    return counts.inserted + counts.updated + counts.closed


async def _read_anew(c: Collection, place: _At) -> Reading:
    """Read on from `place`; start over in full when Graph has lost it."""
    for _ in range(_RESTARTS):
        try:
            return await _read(c, place)
        except GraphError as error:
            if not _lost_place(error, place, c):
                raise
            log("read_starts_over", cause=error.code)
        await asyncio.to_thread(c.loader.restart, c.run)
        url, c.trail = first_url(c.graph.endpoint, c.collector), Trail()
        place = replace(place, url=url, full=True)
    return await _read(c, place)


async def _read(c: Collection, place: _At) -> Reading:
    anew = place.full and place.url == first_url(c.graph.endpoint, c.collector)
    found = not anew
    if place.url is not None:
        if not c.graph.owns(place.url):  # saved before the settings named another cloud
            raise DeltaExpired("graph_link_foreign")
        async with aclosing(read_pages(c.graph, c.collector, place.url, trail=c.trail)) as pages:
            async for page in pages:
                found = found or bool(page.rows.ids or page.rows.removed)
                await c.apply(
                    page.rows,
                    _after(c, page, place),
                    observed_at=page.observed_at,
                    track_seen=place.full,
                )
                if page.next_link is not None and c.out_of_time:
                    return UNFINISHED
    closes = c.collector.keep.closes
    if closes and not found and await _is_news(c):
        return Reading(cause="list_empty", place=ListingPlace())
    if closes and place.full and not c.run.counts.rejected:
        await asyncio.to_thread(c.loader.close_unseen, c.run, observed_at=clock.now())
    left = c.place(ListingPlace)
    full_at = c.run.started_at if place.full else left.full_at
    following = ListingPlace()
    if left.delta_link is not None:
        following = ListingPlace(delta_link=left.delta_link, full_at=full_at)
    healed = None if place.changed is None else _changes(c) - place.changed
    return replace(c.reading(), place=following, healed=healed)


async def _is_news(c: Collection) -> bool:
    """Tell whether a list without any object is not to be believed yet: there were some, and this
    is the first read to say that all are gone."""
    runs, tenant_id, dataset = c.doors.runs, c.run.tenant_id, c.collector.dataset
    lines = await asyncio.to_thread(runs.status, tenant_id, clock.now())
    if not any(line.dataset == dataset and line.rows > 0 for line in lines):
        return False
    last = await asyncio.to_thread(runs.ledger, tenant_id, dataset, 1)
    return not last or last[0].cause != "list_empty"


def _place(c: Collection) -> _At:
    saved = c.place(ListingPlace)
    if c.run.continues:
        here = _At(None, saved.full, saved.changed)
        if saved.unclosed:
            return here
        if saved.next_link is not None:
            return replace(here, url=saved.next_link)
    if saved.delta_link is not None:
        return _At(saved.delta_link, full=False)
    return _At(first_url(c.graph.endpoint, c.collector), full=True)


def _after(c: Collection, page: Page, at: _At) -> ListingPlace:
    """Return the place after `page`. A delta round that ends without a deltaLink is an error: the
    place that is saved is never overwritten by nothing."""
    full_at = c.place(ListingPlace).full_at
    place = ListingPlace(full=at.full, changed=at.changed, full_at=full_at)
    if page.next_link is not None:
        return structs.replace(place, next_link=page.next_link)
    if c.collector.extent.tells_changes and page.delta_link is None:
        raise MalformedAnswer("graph_malformed", reason="the round ends without a deltaLink")
    return structs.replace(place, unclosed=True, delta_link=page.delta_link)


def _lost_place(error: GraphError, place: _At, c: Collection) -> bool:
    """Tell whether Graph no longer knows the saved link; a link that is simply too old may also be
    refused as a bad request."""
    if isinstance(error, DeltaExpired):
        return True
    saved = place.url != first_url(c.graph.endpoint, c.collector)
    return saved and error.code == "graph_refused" and error.params.get("status") == 400
