"""Reads one usage report, unless the tenant conceals the names in it."""

import asyncio
from datetime import date, datetime
from typing import cast

from shared.core import clock
from shared.core.collector import Period
from shared.core.errors import MalformedAnswer
from shared.graph.decoding.usage_files import UsageTable
from shared.graph.usage_reports import names_concealed, read_usage
from shared.usecases.collection import Collection, Reading

_ATTEMPTS = 3


async def read_usage_report(c: Collection) -> Reading:
    """Read a usage report. Hashes are not stored: they would be joined to no user.

    A report date is what its newest complete file says: rows that it lacks are closed. A file whose
    lines are of several dates is complete for none of them, unless it is a series, which closes
    none. Files of several periods are one: they close nothing unless all are of one date.
    """
    periods = _periods(c)
    if await conceals(c, periods[0]):
        return Reading(cause="names_concealed")
    tables = [await fetch(c, period) for period in periods]
    if not all(table.lines for table in tables) and await _has_rows(c):
        return Reading(cause="report_empty")
    observed_at = clock.now()
    if c.run.counts.read:  # an earlier delivery got as far as that, perhaps with another file
        await asyncio.to_thread(c.loader.restart, c.run)
    dated = [await store(c, table, observed_at) for table in tables]
    days = sorted({day for days in dated for day in days})
    if c.collector.keep.closes and len(days) == 1 and not c.run.counts.rejected:
        await asyncio.to_thread(
            c.loader.close_unseen, c.run, observed_at=observed_at, report_date=days[0]
        )
    readings = [told(c, table, days) for table in tables]
    amiss = (reading for reading in readings if reading.cause is not None and not reading.remark)
    return next(amiss, readings[0])


async def conceals(c: Collection, asked: str | None) -> bool:
    """Whether the report names people, and the tenant conceals them.

    Of a report that was refused last it is asked first, for a file: refused again it costs no more.
    """
    if not any(column.personal for column in c.collector.columns):
        return False
    if c.run.refused and asked is not None:
        await fetch(c, asked)
    return await names_concealed(c.graph)


def _periods(c: Collection) -> tuple[str, ...]:
    extent, last, began = Period.of(c.collector), c.run.complete_at, c.run.started_at
    return (extent.asked(None if last is None else began - last), *extent.others)


async def fetch(c: Collection, asked: str) -> UsageTable:
    """Return the file of a period or day; ask again for one that is cut. One that always ends inside
    its last line lacks that one."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            table = await read_usage(c.graph, c.collector, asked)
        except MalformedAnswer:
            pass
        else:
            if not table.cut:
                return table
        await asyncio.sleep(c.graph.patience.backoff(attempt))
    return await read_usage(c.graph, c.collector, asked)


async def _has_rows(c: Collection) -> bool:
    """Whether earlier reports had lines: then an empty one says nothing of today."""
    lines = await asyncio.to_thread(c.doors.runs.status, c.run.tenant_id, clock.now())
    return any(line.dataset == c.collector.dataset and line.rows > 0 for line in lines)


async def store(c: Collection, table: UsageTable, observed_at: datetime) -> list[date]:
    """Store every line; return the report dates."""
    days: set[date] = set()
    for rows in table.batches:
        days.update(cast("list[date]", rows.dates))
        await c.apply(rows, None, observed_at=observed_at, track_seen=True)
    return sorted(days)


def told(c: Collection, table: UsageTable, days: list[date]) -> Reading:
    """Return how reading a file went."""
    if table.concealed:
        return Reading(cause="names_concealed")
    if c.collector.keep.closes and len(days) > 1:
        several = ", ".join(day.isoformat() for day in days[-3:])
        return Reading(cause="dates_differ", params={"dates": several})
    if table.missing:
        return Reading(cause="columns_missing", params={"columns": ", ".join(table.missing)})
    if table.alike and not c.run.counts.rejected:
        return Reading(cause="rows_alike", params={"count": table.alike}, remark=True)
    return c.reading()
