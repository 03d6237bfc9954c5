"""Reads between two bounds, slice by slice from the oldest to the newest, each to its last page.

Where Graph has to make the list first, a slice is a job: it is posted, and the run is put off until it
is done. The job stands in the saved place, so that nobody waits and a killed worker's job is gone on
with. One that was posted just before a worker died is posted again: it harms nobody.
"""

from contextlib import aclosing
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.core import clock
from shared.core.collector import Job, Slices
from shared.core.errors import DeltaExpired, GraphError
from shared.core.logs import log
from shared.core.rows import Rows
from shared.graph.jobs import create_job, state_of_job
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import job_rows_url, window_url
from shared.usecases.collection import UNFINISHED, Collection, Reading
from shared.usecases.read_since import SincePlace, ended, how_far_back, whole

_TRIES = 3
_SHORTEST = timedelta(minutes=1)


class SlicesPlace(SincePlace, frozen=True):
    """Where to go on: `at` and `until` bound the slice that is being read, `job` is its job, posted at
    `posted`; `tries` counts those that failed."""

    at: datetime | None = None
    until: datetime | None = None
    job: str | None = None
    posted: datetime | None = None
    tries: int = 0


async def read_slices(c: Collection) -> Reading:
    """Read what is newer, in slices. What is stored as it is told is not stored again."""
    place, since = _place(c)
    last, began = place.watermark, c.run.started_at
    span = Slices.of(c.collector).span
    while place.at is not None and place.at < began:
        if place.until is None:
            place = replace(place, until=min(place.at + span, began))
        opened = await _opened(c, place)
        place = opened or place
        if opened is None:
            return Reading(finished=False, wait=Job.of(c.collector).wait(_age(c)))
        if place.next_link is None:
            continue
        place, complete = await _read(c, place)
        if not complete or (c.out_of_time and place.at is not None and place.at < began):
            return UNFINISHED
    await c.apply(Rows(), whole(c, since))
    return ended(c, since, last)


def _place(c: Collection) -> tuple[SlicesPlace, datetime]:
    saved = c.place(SlicesPlace)
    if c.run.continues and saved.since is not None and saved.at is not None:
        return saved, saved.since
    since = how_far_back(c)
    fresh = SlicesPlace(watermark=saved.watermark, looked_back=saved.looked_back)
    return replace(fresh, since=since, at=since), since


async def _opened(c: Collection, place: SlicesPlace) -> SlicesPlace | None:
    """Return the place with the link to the slice's first page, if there is none yet; None if that
    must be waited for. Without a link the place is another one: it is tried anew."""
    if place.next_link is not None:
        return place
    c.trail = Trail()
    if c.collector.answer.job is not None:
        return await _job(c, place)
    assert place.at is not None  # noqa: S101 - read_slices has looked
    url = window_url(c.graph.endpoint, c.collector, place.at, place.until)
    return replace(place, next_link=url)


async def _job(c: Collection, place: SlicesPlace) -> SlicesPlace | None:
    """Post the slice's job, or see how it stands."""
    assert place.at is not None and place.until is not None  # noqa: S101, PT018 - as above
    if place.job is None:
        own = await create_job(c.graph, c.collector, place.at, place.until)
        await c.apply(Rows(), replace(place, job=own, posted=clock.now()))
        return None
    state = await state_of_job(c.graph, c.collector, place.job)
    if state is not None and state.under_way:
        within = Job.of(c.collector).within
        if _age(c) > within:
            raise GraphError("job_too_late", hours=within // timedelta(hours=1))
        return None
    anew = replace(place, job=None, posted=None)
    if state is None or not state.done:
        if place.tries + 1 >= _TRIES:
            raise GraphError("job_failed", tries=_TRIES)
        log("job_failed", tries=place.tries + 1)
        return replace(anew, tries=place.tries + 1)
    if state.exceeded and place.until - place.at > _SHORTEST:
        log("slice_halved", cause="the job gives fewer rows than there are")
        return replace(anew, until=place.at + (place.until - place.at) / 2)
    return replace(place, next_link=job_rows_url(c.graph.endpoint, c.collector, place.job))


def _age(c: Collection) -> timedelta:
    """How long ago the saved place's job was posted."""
    return clock.now() - (c.place(SlicesPlace).posted or c.run.started_at)


async def _read(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    """Read the slice on from its link; return the place after it, and whether it came to its end."""
    try:
        return await _read_pages(c, place)
    except GraphError as error:
        lost = isinstance(error, DeltaExpired) or error.code == "graph_refused"
        if not lost or place.next_link != c.place(SlicesPlace).next_link:
            raise
        log("read_starts_over", cause=error.code)
        return replace(place, next_link=None, job=None, posted=None), True


async def _read_pages(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    assert place.next_link is not None  # noqa: S101 - _opened has seen to it
    reading = read_pages(c.graph, c.collector, place.next_link, trail=c.trail)
    async with aclosing(reading) as pages:
        async for page in pages:
            place = replace(place, next_link=page.next_link)
            if page.next_link is None:
                place = replace(place, at=place.until, until=None, job=None, posted=None, tries=0)
            await c.apply(page.rows, place, observed_at=page.observed_at)
            if page.next_link is not None and c.out_of_time:
                return place, False
    return place, True
