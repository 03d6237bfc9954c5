"""Reads between two bounds, slice by slice from the oldest to the newest, each to its last page.

Where Graph has to make the list first, a slice is a job (see `await_job`).
"""

import asyncio
from contextlib import aclosing
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.core.collector import Slices
from shared.core.errors import DeltaExpired, GraphError
from shared.core.logs import log
from shared.core.rows import Rows
from shared.graph.paging import Trail, read_pages
from shared.graph.requests import job_rows_url, posted, window_url
from shared.store.datasets.service_plans import owns_plan
from shared.usecases.await_job import JobPlace, look_at_job, waiting
from shared.usecases.collection import UNFINISHED, Collection, Reading
from shared.usecases.read_since import SincePlace, ended, how_far_back, whole

_SHORTEST = timedelta(minutes=1)


class SlicesPlace(SincePlace, frozen=True):
    """Where to go on: `at` and `until` bound the slice that is being read, `job` is its job. `cut`: of
    one that can be no shorter not all was given."""

    at: datetime | None = None
    until: datetime | None = None
    job: JobPlace = JobPlace()
    cut: bool = False


async def read_slices(c: Collection) -> Reading:
    """Read what is newer, in slices. What is stored as it is told is not stored again."""
    place, since = _place(c)
    last, began = place.watermark, c.run.started_at
    span = await _span(c, since)
    while place.at is not None and place.at < began:
        if place.until is None:
            place = replace(place, until=min(place.at + span, began))
        place, waits = await _opened(c, place)
        if waits:
            return waiting(c, place.job)
        if place.next_link is None:
            continue
        place, complete = await _read(c, place)
        if not complete or (c.out_of_time and place.at is not None and place.at < began):
            return UNFINISHED
    await c.apply(Rows(), whole(c, since))
    reading = ended(c, since, last)
    if place.cut and (reading.cause is None or reading.remark):
        return Reading(cause="job_partly", window=reading.window, go_on=reading.go_on)
    return reading


async def _span(c: Collection, since: datetime) -> timedelta:
    """Return how long a slice is: all of it where no plan of the service is owned, and likely nothing is
    there. So nothing costs one request, and what there is after all is read whole."""
    usual, plans = Slices.of(c.collector).span, c.collector.plans
    if not plans:
        return usual
    owned = await asyncio.to_thread(owns_plan, c.doors.engine, c.run.tenant_id, plans)
    return c.run.started_at - since if owned is False else usual


def _place(c: Collection) -> tuple[SlicesPlace, datetime]:
    saved = c.place(SlicesPlace)
    if c.run.continues and saved.since is not None and saved.at is not None:
        return saved, saved.since
    since = how_far_back(c)
    fresh = SlicesPlace(watermark=saved.watermark, looked_back=saved.looked_back)
    return replace(fresh, since=since, at=since), since


async def _opened(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    """Return the place with the link to the slice's first page, if there is none yet, and whether
    that must be waited for. Without a link the place is another one: it is tried anew."""
    if place.next_link is not None:
        return place, False
    c.trail = Trail()
    if c.collector.answer.job is not None:
        return await _job(c, place)
    assert place.at is not None  # noqa: S101 - read_slices has looked
    url = window_url(c.graph.endpoint, c.collector, place.at, place.until)
    return replace(place, next_link=url), False


async def _job(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    """Post the slice's job, or see how it stands."""
    assert place.at is not None and place.until is not None  # noqa: S101, PT018 - as above
    job, state = await look_at_job(c, place.job, (place.at, place.until))
    looked = replace(place, job=job)
    if state is None:
        if place.job.id is None:
            await c.apply(Rows(), looked)
        return looked, job.id is not None
    if state.exceeded and (half := _half(place)) is not None:
        return half, False
    url = job_rows_url(c.graph.endpoint, c.collector, job.id or "", state.result)
    return replace(looked, next_link=url, cut=place.cut or state.exceeded), False


def _half(place: SlicesPlace) -> SlicesPlace | None:
    """Return the place to ask for half the slice from, None if it can be no shorter."""
    assert place.at is not None and place.until is not None  # noqa: S101, PT018 - as above
    span = place.until - place.at
    if span <= _SHORTEST:
        return None
    log("slice_halved", cause="there is more than is given at once")
    job = JobPlace(tries=place.job.tries)
    return replace(place, until=place.at + span / 2, next_link=None, job=job)


async def _read(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    """Read the slice on from its link; return the place after it, and whether it came to its end."""
    try:
        return await _read_pages(c, place)
    except GraphError as error:
        lost = isinstance(error, DeltaExpired) or error.code == "graph_refused"
        if not lost or place.next_link != c.place(SlicesPlace).next_link:
            raise
        log("read_starts_over", cause=error.code)
        return replace(place, next_link=None, job=JobPlace(tries=place.job.tries)), True


async def _read_pages(c: Collection, place: SlicesPlace) -> tuple[SlicesPlace, bool]:
    assert place.next_link is not None  # noqa: S101 - _opened has seen to it
    assert place.at is not None and place.until is not None  # noqa: S101, PT018 - as above
    begins = place.next_link != c.place(SlicesPlace).next_link
    body = posted(c.collector, (place.at, place.until)) if begins else None
    reading = read_pages(c.graph, c.collector, place.next_link, trail=c.trail, body=body)
    async with aclosing(reading) as pages:
        async for page in pages:
            cut = c.collector.answer.is_cut(len(page.rows.ids) + len(page.rows.rejected))
            if cut and (half := _half(place)) is not None:
                return half, True
            place = replace(place, next_link=page.next_link, cut=place.cut or cut)
            if page.next_link is None:
                place = replace(place, at=place.until, until=None, job=JobPlace())
            await c.apply(page.rows, place, observed_at=page.observed_at)
            if page.next_link is not None and c.out_of_time:
                return place, False
    return place, True
