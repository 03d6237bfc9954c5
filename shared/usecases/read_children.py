"""Reads a collection below each current object of another dataset, twenty parents at a time."""

import asyncio
from contextlib import aclosing

import msgspec

from shared.core import clock
from shared.core.collector import FanOut
from shared.core.decoding import Page
from shared.core.errors import GraphError, GraphUnavailable
from shared.core.rows import Rows
from shared.graph.batch import BATCH_SIZE, Children, read_children
from shared.graph.paging import read_pages
from shared.usecases.collection import UNFINISHED, Collection, Reading

_POLL_SECONDS = 1.0
_POLLS = 20


class _Place(msgspec.Struct, frozen=True):
    """Where to go on: the last parent done, whether Graph has answered for any, and how many it
    refused, with the first refusal."""

    after: str | None = None
    answered: bool = False
    refused: int = 0
    refusal: str = ""


async def read_children_of_parents(c: Collection) -> Reading:
    """Read a `FanOut` collector: parents in id order, the next batch while this one is stored."""
    mode = c.collector.mode
    assert isinstance(mode, FanOut)  # noqa: S101 - READERS has chosen by mode
    await _await_parents(c, mode.parent)
    place = _place(c)
    parents = await _parents(c, mode.parent, place.after)
    while parents:
        ahead = asyncio.create_task(_parents(c, mode.parent, parents[-1]))
        answers = await read_children(c.graph, c.collector, parents)
        place = _next_place(place, answers, parents[-1])
        await _store(c, answers, place)
        parents = await ahead
        if parents and c.out_of_time:
            return UNFINISHED
    await asyncio.to_thread(c.loader.close_orphans, c.run, mode.parent, observed_at=clock.now())
    c.run.checkpoint = None
    if place.refused:
        params = {"count": place.refused, "dataset": mode.parent, "reason": place.refusal}
        return Reading(cause="children_refused", params=params)
    return c.reading()


def _place(c: Collection) -> _Place:
    saved = c.checkpoint if c.run.continues else {}
    return msgspec.convert(saved, _Place)


def _next_place(place: _Place, answers: list[Children], last: str) -> _Place:
    """Return the place after a batch. Raise the refusal if nobody has been answered yet: then it is
    meant for the whole dataset."""
    refusals = [answer.refusal for answer in answers if answer.refusal is not None]
    answered = place.answered or len(refusals) < len(answers)
    if refusals and not answered:
        raise refusals[0]
    refusal = place.refusal or (str(refusals[0]) if refusals else "")
    return _Place(last, answered, place.refused + len(refusals), refusal)


async def _parents(c: Collection, dataset: str, after: str | None) -> list[str]:
    loader = c.workshop.loader(dataset)
    return await asyncio.to_thread(loader.current_ids, c.run.tenant_id, after, BATCH_SIZE)


async def _await_parents(c: Collection, dataset: str) -> None:
    """Return when the parents are known; their first collection may be under way.

    The first part waits in place a little. Then GraphUnavailable puts the run off: a waiting part
    would keep others from working. Raises GraphError when waiting is of no use.
    """
    for _ in range(_POLLS if c.run.part == 0 else 1):
        lines = await asyncio.to_thread(c.workshop.runs.status, c.run.tenant_id, clock.now())
        line = next((line for line in lines if line.dataset == dataset), None)
        if line is not None and (line.complete_at is not None or line.state == "partial"):
            return
        under_way = line is not None and (line.running or line.pending or line.state == "throttled")
        if not under_way and line is not None and line.state is not None:
            raise GraphError("parent_not_collected", dataset=dataset)
        await asyncio.sleep(_POLL_SECONDS)
    raise GraphUnavailable("parent_under_way", dataset=dataset)


async def _store(c: Collection, answers: list[Children], place: _Place) -> None:
    """Store one batch. The checkpoint moves on with its last write, after all its parents."""
    rows, complete = Rows(), []
    for answer in answers:
        if answer.page is None:
            continue  # refused, or gone since its own dataset was read, whose next run says so
        own = answer.page.rows
        if answer.page.next_link is not None:
            await _store_long(c, answer.page, answer.parent, answer.page.next_link)
            continue
        rows.extend(own)
        if not own.rejected:
            complete.append(answer.parent)
    await c.apply(rows, msgspec.to_builtins(place), complete_parents=complete)


async def _store_long(c: Collection, first: Page, parent: str, next_link: str) -> None:
    """Store a parent whose children fill several pages, page by page; close what none contained."""
    rejected = len(first.rows.rejected)
    await c.apply(first.rows, None, track_seen=True)
    async with aclosing(read_pages(c.graph, c.collector, next_link, parent)) as pages:
        async for page in pages:
            rejected += len(page.rows.rejected)
            await c.apply(page.rows, None, observed_at=page.observed_at, track_seen=True)
    if not rejected:
        now = clock.now()
        await asyncio.to_thread(c.loader.close_unseen, c.run, observed_at=now, parent=parent)
