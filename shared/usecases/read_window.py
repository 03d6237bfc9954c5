"""Reads events newer than the watermark; it moves only after the whole window was read.

Graph lists the newest first: until the last page is stored, older events may still be missing. An
event dated into the future is stored, but the watermark never passes the start of the run: what
happens until that date would be left out. Events that cannot be read are asked for again for a day;
then the watermark goes on without them: an event does not change, and the window would grow for ever.
"""

from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

from shared.core import clock
from shared.core.collector import Window
from shared.core.errors import DeltaExpired, GraphError
from shared.core.logs import log
from shared.core.rows import Rows
from shared.graph.paging import read_pages
from shared.graph.requests import window_url
from shared.usecases.collection import UNFINISHED, Collection, Reading

_ASKED_AGAIN = timedelta(days=1)


async def read_window(c: Collection) -> Reading:
    """Read a `Window` collector. Events are stored by id, so the overlap stores nothing twice."""
    saved = c.checkpoint
    if c.run.continues and "nextLink" in saved:
        since = datetime.fromisoformat(str(saved["since"]))
        try:
            return await _read(c, str(saved["nextLink"]), since, _instant(saved.get("newest")))
        except GraphError as error:
            if not isinstance(error, DeltaExpired) and error.code != "graph_refused":
                raise
            log("read_starts_over", cause=error.code)
    else:
        since = _since(c)
    return await _read(c, window_url(c.graph.endpoint, c.collector, since), since, None)


async def _read(c: Collection, url: str, since: datetime, newest: datetime | None) -> Reading:
    async with aclosing(read_pages(c.graph, c.collector, url)) as pages:
        async for page in pages:
            newest = _newest(c, page.rows, newest)
            watermark = newest or since
            place: dict[str, object] = {"watermark": watermark.isoformat()}
            if page.next_link is not None:
                place = {
                    "nextLink": page.next_link,
                    "since": since.isoformat(),
                    "newest": None if newest is None else newest.isoformat(),
                }
            await c.apply(page.rows, place, observed_at=page.observed_at)
            if page.next_link is not None and c.out_of_time:
                return UNFINISHED
    reading = c.reading(window=(since, newest or since))
    return replace(reading, go_on=c.run.started_at - since > _ASKED_AGAIN)


def _since(c: Collection) -> datetime:
    mode = c.collector.mode
    assert isinstance(mode, Window)  # noqa: S101 - READERS has chosen by mode
    watermark = _instant(c.checkpoint.get("watermark"))
    return clock.now() - mode.initial if watermark is None else watermark - mode.overlap


def _newest(c: Collection, rows: Rows, newest: datetime | None) -> datetime | None:
    names = [column.name for column in c.collector.columns]
    place = names.index(c.collector.event_time or "")
    times = [value for row in rows.values if isinstance(value := row[place], datetime)]
    latest = max(times if newest is None else [*times, newest], default=None)
    return None if latest is None else min(latest, c.run.started_at)


def _instant(saved: object) -> datetime | None:
    return None if saved is None else datetime.fromisoformat(str(saved))
