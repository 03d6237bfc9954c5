"""Reads one usage report, unless the tenant conceals the names in it."""

import asyncio

from shared.core import clock
from shared.core.errors import MalformedAnswer
from shared.graph.usage_reports import names_concealed, read_usage
from shared.usecases.collection import Collection, Reading

_ATTEMPTS = 3


async def read_usage_report(c: Collection) -> Reading:
    """Read a `UsageCsv` collector. Hashes are not stored: they would be joined to no user."""
    if await names_concealed(c.graph):
        return Reading(cause="names_concealed")
    for attempt in range(_ATTEMPTS):
        try:
            missing = await _store(c)
        except MalformedAnswer:
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(c.graph.patience.backoff(attempt))
        else:
            break
    if missing:
        return Reading(cause="columns_missing", params={"columns": ", ".join(missing)})
    return c.reading()


async def _store(c: Collection) -> tuple[str, ...]:
    table = await read_usage(c.graph, c.collector)
    observed_at = clock.now()
    for rows in table.batches:
        await c.apply(rows, None, observed_at=observed_at)
    return table.missing
