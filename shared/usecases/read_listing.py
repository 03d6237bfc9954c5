"""Reads a list to its end by nextLinks: complete lists, and delta rounds that start as one."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from shared.core import clock
from shared.core.collector import Delta
from shared.core.decoding import Page
from shared.core.errors import DeltaExpired, GraphError, MalformedAnswer
from shared.core.logs import log
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import first_url
from shared.usecases.collection import UNFINISHED, Collection, Reading

_RESTARTS = 2


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to go on. A `full` read contains every object, so what it lacks is gone; `url` is None
    when all pages are stored and only the closing is left to do."""

    url: str | None
    full: bool


async def read_listing(c: Collection) -> Reading:
    """Read a `Pages` or `Delta` collector; start over in full when Graph has lost our place."""
    place = _place(c)
    for _ in range(_RESTARTS):
        try:
            return await _read(c, place)
        except GraphError as error:
            if not _lost_place(error, place, c):
                raise
            log("read_starts_over", cause=error.code)
        await asyncio.to_thread(c.loader.restart, c.run)
        place, c.trail = _Place(first_url(c.graph.endpoint, c.collector), full=True), Trail()
    return await _read(c, place)


async def _read(c: Collection, place: _Place) -> Reading:
    if place.url is not None:
        if not c.graph.owns(place.url):  # saved before the settings named another cloud
            raise DeltaExpired("graph_link_foreign")
        async with aclosing(read_pages(c.graph, c.collector, place.url, trail=c.trail)) as pages:
            async for page in pages:
                await c.apply(
                    page.rows,
                    _checkpoint(c, page, place.full),
                    observed_at=page.observed_at,
                    track_seen=place.full,
                )
                if page.next_link is not None and c.out_of_time:
                    return UNFINISHED
    if place.full and not c.run.counts.rejected:
        await asyncio.to_thread(c.loader.close_unseen, c.run, observed_at=clock.now())
    link = c.checkpoint.get("deltaLink")
    c.leave(None if link is None else {"deltaLink": link})
    return c.reading()


def _place(c: Collection) -> _Place:
    saved = c.checkpoint
    if c.run.continues:
        full = bool(saved.get("full"))
        if saved.get("unclosed"):
            return _Place(None, full)
        if "nextLink" in saved:
            return _Place(str(saved["nextLink"]), full)
    if "deltaLink" in saved:
        return _Place(str(saved["deltaLink"]), full=False)
    return _Place(first_url(c.graph.endpoint, c.collector), full=True)


def _checkpoint(c: Collection, page: Page, full: bool) -> dict[str, object]:
    """Return the place after `page`. A delta round that ends without a deltaLink is an error: the
    place that is saved is never overwritten by nothing."""
    if page.next_link is not None:
        return {"nextLink": page.next_link, "full": full}
    place: dict[str, object] = {"unclosed": True, "full": full}
    if isinstance(c.collector.mode, Delta):
        if page.delta_link is None:
            raise MalformedAnswer("graph_malformed", reason="the round ends without a deltaLink")
        place["deltaLink"] = page.delta_link
    return place


def _lost_place(error: GraphError, place: _Place, c: Collection) -> bool:
    """Tell whether Graph no longer knows the saved link; a link that is simply too old may also be
    refused as a bad request."""
    if isinstance(error, DeltaExpired):
        return True
    saved = place.url != first_url(c.graph.endpoint, c.collector)
    return saved and error.code == "graph_refused" and error.params.get("status") == 400
