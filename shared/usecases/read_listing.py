"""Reads a list to its end by nextLinks: complete lists, and delta rounds that start as one.

Where Graph has to make the list first, it is a job (see `await_job`).
"""

import asyncio
from contextlib import aclosing
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import structs

from shared.core import clock
from shared.core.collector import Job
from shared.core.errors import DeltaExpired, GraphError, MalformedAnswer
from shared.core.logs import log
from shared.core.rows import Rows
from shared.graph.decoding.pages import Page
from shared.graph.jobs import delete_job
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import first_url, job_rows_url, posted
from shared.usecases.await_job import JobPlace, failed, look_at_job, waiting
from shared.usecases.collection import UNFINISHED, Collection, Place, Reading

_RESTARTS = 2
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_NO_JOB = JobPlace()


class ListingPlace(Place, frozen=True):
    """Where the listing stands: a `next_link`, or the `delta_link` at the end of a round.
    `unclosed`: all pages are stored and only the closing is left to do; `full_at` is the last full
    round. `job` is the one that makes the list; `cut`: what it has made is not all of it."""

    full: bool = False
    changed: int | None = None
    full_at: datetime | None = None
    next_link: str | None = None
    delta_link: str | None = None
    unclosed: bool = False
    job: JobPlace = _NO_JOB
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _At:
    """Where to go on. A `full` read contains every object, so what it lacks is gone; `url` is None
    when all pages are stored and only the closing is left to do. `begins`: it is the first page's.
    `changed` is set in a full round that follows a delta round: the changes that the run had stored
    before. `job` and `cut` as in the saved place."""

    url: str | None
    full: bool
    changed: int | None = None
    begins: bool = False
    job: JobPlace = _NO_JOB
    cut: bool = False


async def read_listing(c: Collection) -> Reading:
    """Read all there is, or what has changed.

    A delta round is followed by a full one when that is due: it heals what delta has missed.
    """
    if c.collector.answer.job is not None:
        return await _read_made(c)
    place = _place(c)
    reading = await _read_anew(c, place)
    if place.full or not reading.finished or reading.cause is not None or not _full_round_due(c):
        return reading
    c.trail = Trail()
    return await _read_anew(c, replace(_first(c), changed=_changes(c)))


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


async def _read_made(c: Collection) -> Reading:
    """Have the list made, then read it like any other."""
    saved = c.place(ListingPlace) if c.run.continues else ListingPlace()
    at = _At(saved.next_link, full=True, job=saved.job, cut=saved.cut)
    if saved.next_link is None and not saved.unclosed:
        at = await _made(c, saved.job)
        if at.url is None:
            return waiting(c, at.job)
    try:
        reading = await _read(c, at)
    except GraphError as error:
        if not _lost_place(error, at):
            raise
        log("read_starts_over", cause=error.code)
        await asyncio.to_thread(c.loader.restart, c.run)
        await c.apply(Rows(), ListingPlace(job=failed(at.job)))
        return UNFINISHED
    if reading.finished and Job.of(c.collector).deletes:
        await _delete(c, at.job)
    return reading


async def _made(c: Collection, job: JobPlace) -> _At:
    """Return where the list begins; without a URL it must be waited for."""
    looked, state = await look_at_job(c, job)
    while looked.id is None:  # it has failed
        looked, state = await look_at_job(c, looked)
    if state is None:
        if looked != job:
            await c.apply(Rows(), ListingPlace(job=looked))
        return _At(None, full=True, job=looked)
    c.trail = Trail()
    url = job_rows_url(c.graph.endpoint, c.collector, looked.id, state.result)
    return _At(url, full=True, begins=True, job=looked, cut=state.partly)


async def _delete(c: Collection, job: JobPlace) -> None:
    """Delete the job. If that fails, all has been read all the same, and Graph will forget it."""
    try:
        await delete_job(c.graph, c.collector, job.id or "")
    except GraphError as error:
        log("job_left", cause=error.code)


async def _read_anew(c: Collection, place: _At) -> Reading:
    """Read on from `place`; start over in full when Graph has lost it."""
    for _ in range(_RESTARTS):
        try:
            return await _read(c, place)
        except GraphError as error:
            if not _lost_place(error, place):
                raise
            log("read_starts_over", cause=error.code)
        await asyncio.to_thread(c.loader.restart, c.run)
        c.trail = Trail()
        place = replace(_first(c), changed=place.changed)
    return await _read(c, place)


async def _read(c: Collection, place: _At) -> Reading:
    found = not place.begins
    if place.url is not None:
        if not c.graph.owns(place.url):  # saved before the settings named another cloud
            raise DeltaExpired("graph_link_foreign")
        body = posted(c.collector) if place.begins else None
        reading = read_pages(
            c.graph, c.collector, place.url, trail=c.trail, body=body, prepare=c.prepare
        )
        async with aclosing(reading) as pages:
            async for page in pages:
                found = found or bool(page.rows.ids or page.rows.removed or page.rows.rejected)
                if c.collector.answer.is_cut(len(page.rows.ids) + len(page.rows.rejected)):
                    place = replace(place, cut=True)
                await c.apply(
                    page.rows,
                    _after(c, page, place),
                    observed_at=page.observed_at,
                    track_seen=place.full,
                )
                if page.next_link is not None and c.out_of_time:
                    return UNFINISHED
    closes = c.collector.keep.closes and not place.cut
    if closes and not found and await is_news(c):
        return Reading(cause="list_empty", place=ListingPlace())
    if closes and place.full and not c.run.counts.rejected:
        await asyncio.to_thread(c.loader.close_unseen, c.run, observed_at=clock.now())
    left = c.place(ListingPlace)
    full_at = c.run.started_at if place.full else left.full_at
    following = ListingPlace()
    if left.delta_link is not None:
        following = ListingPlace(delta_link=left.delta_link, full_at=full_at)
    healed = None if place.changed is None else _changes(c) - place.changed
    ended = c.reading()
    if place.cut and (ended.cause is None or ended.remark):
        ended = Reading(cause="job_partly")
    return replace(ended, place=following, healed=healed)


async def is_news(c: Collection) -> bool:
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
    return _first(c)


def _first(c: Collection) -> _At:
    return _At(first_url(c.graph.endpoint, c.collector), full=True, begins=True)


def _after(c: Collection, page: Page, at: _At) -> ListingPlace:
    """Return the place after `page`. A delta round that ends without a deltaLink is an error: the
    place that is saved is never overwritten by nothing."""
    full_at = c.place(ListingPlace).full_at
    place = ListingPlace(full=at.full, changed=at.changed, full_at=full_at, job=at.job, cut=at.cut)
    if page.next_link is not None:
        return structs.replace(place, next_link=page.next_link)
    if c.collector.extent.tells_changes and page.delta_link is None:
        raise MalformedAnswer("graph_malformed", reason="the round ends without a deltaLink")
    return structs.replace(place, unclosed=True, delta_link=page.delta_link)


def _lost_place(error: GraphError, place: _At) -> bool:
    """Tell whether Graph no longer knows the saved link; a link that is simply too old may also be
    refused as a bad request, and with a job its rows go."""
    if isinstance(error, DeltaExpired):
        return True
    lost = (400,) if place.job.id is None else (400, 404)
    return not place.begins and error.code == "graph_refused" and error.params.get("status") in lost
