"""Reads what is newer than a watermark; it moves only after the whole window was read.

Graph lists the newest first: until the last page is stored, older events may still be missing. The
watermark then is when the run began: it follows what was asked, be there events or none. Events
that Graph shows late are found by looking back: by `overlap` in every run, and now and then further
(`look_backs`). What is older than the furthest look-back is final: it is not asked for again.

Events that cannot be read are asked for again for a day; then the watermark goes on without them:
an event that is none does not mend, and the window would grow for ever.
"""

from contextlib import aclosing
from copy import replace
from datetime import datetime, timedelta

from msgspec import structs

from shared.core.collector import LookBack, Since
from shared.core.errors import DeltaExpired, GraphError
from shared.core.logs import log
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import window_url
from shared.usecases.collection import UNFINISHED, Collection, Place, Reading

_ASKED_AGAIN = timedelta(days=1)


class SincePlace(Place, frozen=True):
    """Where to go on. `watermark` is up to when everything was asked for, `looked_back` when each
    look-back was last made, by its name; `next_link` and `since` are of a window that is being
    read."""

    watermark: datetime | None = None
    looked_back: dict[str, datetime] | None = None
    next_link: str | None = None
    since: datetime | None = None


async def read_since(c: Collection) -> Reading:
    """Read what is newer. An event that is stored as it is told is not stored again."""
    saved = c.place(SincePlace)
    if c.run.continues and saved.next_link is not None and saved.since is not None:
        since = saved.since
        try:
            return await _read(c, saved.next_link, since)
        except GraphError as error:
            if not isinstance(error, DeltaExpired) and error.code != "graph_refused":
                raise
            log("read_starts_over", cause=error.code)
            c.trail = Trail()
    else:
        since = how_far_back(c)
    return await _read(c, window_url(c.graph.endpoint, c.collector, since), since)


async def _read(c: Collection, url: str, since: datetime) -> Reading:
    kept = c.place(SincePlace)
    last = kept.watermark
    async with aclosing(read_pages(c.graph, c.collector, url, trail=c.trail)) as pages:
        async for page in pages:
            if page.next_link is None:
                place = whole(c, since)
            else:
                place = structs.replace(kept, next_link=page.next_link, since=since)
            await c.apply(page.rows, place, observed_at=page.observed_at)
            if page.next_link is not None and c.out_of_time:
                return UNFINISHED
    return ended(c, since, last)


def ended(c: Collection, since: datetime, last: datetime | None) -> Reading:
    """Return how a window that was read to its end went; `last` is the watermark it went on from."""
    began = c.run.started_at
    reading = c.reading(window=(since, began))
    # Without what was looked back for: how much there would be to ask for next time anyway.
    behind = began - (since if last is None else last - Since.of(c.collector).overlap)
    final = _final_until(c, since) if reading.cause is None else None
    return replace(reading, go_on=behind > _ASKED_AGAIN, final_until=final)


def how_far_back(c: Collection) -> datetime:
    """Return how far back to ask: to the watermark, to the look-backs that are due, or all there is
    to ask for at the first run and when the question has changed."""
    extent, began = Since.of(c.collector), c.run.started_at
    saved = c.place(SincePlace)
    watermark, looked_back = saved.watermark, saved.looked_back
    if watermark is None:
        return began - extent.initial
    # The question has changed: the events that are kept lack what it now asks for.
    if looked_back is None:
        return min(watermark - extent.overlap, began - extent.initial)
    due = [
        began - look.reach
        for look in extent.look_backs
        if look.name not in looked_back or began - looked_back[look.name] >= look.every
    ]
    return min([watermark - extent.overlap, *due])


def whole(c: Collection, since: datetime) -> SincePlace:
    """Return the place after a window that was read to its end."""
    began = c.run.started_at
    # A window that reached as far as a look-back does was one, whatever it was made for.
    looked_back = dict(c.place(SincePlace).looked_back or {})
    for look in Since.of(c.collector).look_backs:
        if _reached(look, since, began):
            looked_back[look.name] = began
    return SincePlace(watermark=began, looked_back=looked_back)


def _final_until(c: Collection, since: datetime) -> datetime | None:
    """Return the date of the newest events that will not be read again; None if this was no
    furthest look-back."""
    began = c.run.started_at
    furthest = max(Since.of(c.collector).look_backs, key=lambda look: look.reach, default=None)
    if furthest is None or not _reached(furthest, since, began):
        return None
    return began - furthest.reach


def _reached(look: LookBack, since: datetime, began: datetime) -> bool:
    return since <= began - look.reach
