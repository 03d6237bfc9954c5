"""Reads usage reports day by day, a file each, from the oldest day that is still to be read.

A day is read once it is published, and then never again. Nobody can tell the file of a day on which
nothing happened from one that is not made yet: the newest ones, if they are empty, are asked for again,
until a later day has a file or they are so old that nothing will come.
"""

import asyncio
from copy import replace
from datetime import date

from shared.core import clock
from shared.core.collector import Dates
from shared.core.rows import Rows
from shared.usecases.collection import UNFINISHED, Collection, Place, Reading
from shared.usecases.read_usage_report import conceals, fetch, store, told


class DatesPlace(Place, frozen=True):
    """Where to go on: after the day that was read last."""

    last: date | None = None


async def read_dates(c: Collection) -> Reading:
    """Read the days that are due; the place moves on with each that has a line. One that cannot be read
    to its end is asked for again by the next run, and those after it."""
    extent, place, today = Dates.of(c.collector), c.place(DatesPlace), c.run.started_at.date()
    days = extent.due(place.last, today)
    if await conceals(c, days[0].isoformat() if days else None):
        return Reading(cause="names_concealed")
    for day in days:
        reading = await _read(c, day)
        if reading is None:
            continue
        if reading.cause is not None and not reading.remark:
            return Reading(cause=reading.cause, params=reading.params, place=place, go_on=True)
        place = DatesPlace(last=day)
        if c.out_of_time and day != days[-1]:
            return UNFINISHED
    if days and (place.last is None or place.last < extent.settled(days[-1])):
        place = DatesPlace(last=extent.settled(days[-1]))
    return replace(c.reading(), place=place)


async def _read(c: Collection, day: date) -> Reading | None:
    """Store a day's file and close what an earlier one of that day had; None if it has no line: then
    it takes nothing from a day that once had some."""
    table = await fetch(c, day.isoformat())
    if table.lines == 0:
        return None
    observed_at = clock.now()
    await store(c, table, observed_at)
    reading = told(c, table, [day])
    if reading.cause is None or reading.remark:
        close = c.loader.close_unseen
        await asyncio.to_thread(close, c.run, observed_at=observed_at, report_date=day)
        await c.apply(Rows(), DatesPlace(last=day))
    return reading
