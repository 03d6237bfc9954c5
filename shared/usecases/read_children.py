"""Reads a collection below each current object of another dataset, twenty parents at a time.

What befalls one parent holds up no other: one in passing trouble is set aside and read again when
all others are done; what fails then too makes the run partial. Whatever is stored moves the saved
place on, each page of a parent with many children too, so a run that is put off goes on right
there.
"""

import asyncio
import dataclasses
from collections.abc import Sequence
from contextlib import aclosing

import msgspec
from msgspec.structs import replace

from shared.core import clock
from shared.core.collector import Below
from shared.core.errors import GraphError, GraphUnavailable, KanriError, Throttled
from shared.core.rows import Rows
from shared.graph.batch import BATCH_SIZE, read_children
from shared.graph.paging import Trail, read_pages
from shared.usecases.collection import UNFINISHED, Collection, Place, Reading

# So often a whole batch in trouble puts the run off before it is set aside.
_HELD_UP = 3
# More parents than that are not set aside: the place is written with every page.
_LATER = 200


class _Open(msgspec.Struct, frozen=True):
    """A parent of which some pages are stored: the link to the next, whether all rows were good,
    and the way to it (see `Trail`)."""

    parent: str
    link: str
    good: bool = True
    mark: str = ""
    steps: int = 0


class ChildrenPlace(Place, frozen=True):
    """Where to go on. `after` is the last parent asked for; `open` are those with more pages.

    `later` are set aside; `again` is True while they are read. `shown`, `gone` and `refused` count
    the parents by what Graph said, `refusal` is the first refusal, `held_up` how often the batch
    that is next had no answer at all.
    """

    after: str | None = None
    open: tuple[_Open, ...] = ()
    later: tuple[str, ...] = ()
    again: bool = False
    shown: int = 0
    gone: int = 0
    refused: int = 0
    refusal: str = ""
    held_up: int = 0


async def read_children_of_parents(c: Collection) -> Reading:
    """Read below all parents in id order, then below those that were set aside."""
    dataset = Below.of(c.collector).parent
    await _find_parents(c, dataset)
    place = c.place(ChildrenPlace) if c.run.continues else ChildrenPlace()
    worked = False
    while not (worked and c.out_of_time):
        if place.open:
            place = await _read_open(c, place)
        else:
            place, parents = await _next_parents(c, dataset, place)
            if not parents:
                return await _ended(c, place, dataset)
            place = await _read_batch(c, place, parents)
        worked = True
    return UNFINISHED


async def _ended(c: Collection, place: ChildrenPlace, dataset: str) -> Reading:
    """Return how it went. Nobody believes that most parents are gone while their own dataset lists
    them: then nothing is closed."""
    if place.gone > place.shown:
        params: dict[str, object] = {"count": place.gone, "dataset": dataset}
        return Reading(cause="children_gone", params=params, place=ChildrenPlace())
    await asyncio.to_thread(c.loader.close_orphans, c.run, dataset, observed_at=clock.now())
    if place.refused:
        params = {"count": place.refused, "dataset": dataset, "reason": place.refusal}
        return Reading(cause="children_refused", params=params, place=ChildrenPlace())
    return dataclasses.replace(c.reading(), place=ChildrenPlace())


async def _next_parents(
    c: Collection, dataset: str, place: ChildrenPlace
) -> tuple[ChildrenPlace, list[str]]:
    if not place.again:
        loader = c.doors.loader(dataset)
        tenant_id = c.run.tenant_id
        ids = await asyncio.to_thread(loader.current_ids, tenant_id, place.after, BATCH_SIZE)
        if ids:
            return place, ids
    return replace(place, again=True), list(place.later[:BATCH_SIZE])


async def _read_batch(c: Collection, place: ChildrenPlace, parents: list[str]) -> ChildrenPlace:
    """Ask for the first page below each of `parents`, store what came, set the troubled aside."""
    answers = await read_children(c.graph, c.collector, parents)
    if all(answer.refusal is not None for answer in answers):
        await _hold_up(c, place, [a.refusal for a in answers if a.refusal is not None])
    if place.again:
        place = replace(place, later=place.later[len(parents) :])
    else:
        place = replace(place, after=parents[-1])
    rows, complete = Rows(), []
    for answer in answers:
        if answer.page is None:
            place = _without(place, answer.parent, answer.refusal, passing=answer.passing)
            continue
        own, link = answer.page.rows, answer.page.next_link
        rows.extend(own)
        place = replace(place, shown=place.shown + 1)
        if link is not None:
            more = _Open(answer.parent, link, good=not own.rejected)
            place = replace(place, open=(*place.open, more))
        elif not own.rejected:
            complete.append(answer.parent)
    place = replace(place, held_up=0)
    seen = bool(place.open)
    await c.apply(rows, place, complete_parents=complete, track_seen=seen)
    return place


async def _hold_up(c: Collection, place: ChildrenPlace, refusals: Sequence[KanriError]) -> None:
    """Raise what befell a whole batch, unless others were answered: then it may be meant for these
    parents. A passing trouble is raised a few times anyway: to wait may be all that is needed."""
    passing = [error for error in refusals if error.retryable]
    if passing and place.held_up < _HELD_UP:
        await c.apply(Rows(), replace(place, held_up=place.held_up + 1))
        raise next((error for error in passing if isinstance(error, Throttled)), passing[0])
    if not passing and not place.shown and not place.gone:
        raise refusals[0]


def _without(
    place: ChildrenPlace, parent: str, refusal: KanriError | None, *, passing: bool
) -> ChildrenPlace:
    """Return the place after a parent that was not shown: gone, refused, or set aside for later."""
    if refusal is None:
        return replace(place, gone=place.gone + 1)
    if passing and not place.again and len(place.later) < _LATER:
        return replace(place, later=(*place.later, parent))
    told = place.refusal or str(refusal)
    return replace(place, refused=place.refused + 1, refusal=told)


async def _read_open(c: Collection, place: ChildrenPlace) -> ChildrenPlace:
    """Read on below the first of `open`, to its end or until the time is up.

    When no page can be had the parent is set aside, to be read anew. Throttled is raised then all
    the same: Graph wants everybody to wait.
    """
    parent = place.open[0].parent
    try:
        return await _read_pages(c, place)
    except GraphError as error:
        if error.code == "graph_budget":
            raise  # our own limit, and the place is saved
        place = replace(place, open=place.open[1:], shown=place.shown - 1)
        place = _without(place, parent, error, passing=True)
        await c.apply(Rows(), place)
        if isinstance(error, Throttled):
            raise
        return place


async def _read_pages(c: Collection, place: ChildrenPlace) -> ChildrenPlace:
    """Store page by page, each with the place after it; then close what no page contained."""
    (current, *rest), good = place.open, place.open[0].good
    trail = Trail(current.mark, current.steps)
    reading = read_pages(c.graph, c.collector, current.link, current.parent, trail)
    async with aclosing(reading) as pages:
        async for page in pages:
            good = good and not page.rows.rejected
            left: tuple[_Open, ...] = tuple(rest)
            if page.next_link is not None:
                way = trail.mark, trail.steps
                left = (_Open(current.parent, page.next_link, good, *way), *rest)
            place = replace(place, open=left)
            await c.apply(
                page.rows,
                None if page.next_link is None else place,
                observed_at=page.observed_at,
                track_seen=True,
            )
            if page.next_link is not None and c.out_of_time and not trail.round:
                return place
    if good:
        close = c.loader.close_unseen
        await asyncio.to_thread(close, c.run, observed_at=clock.now(), parent=current.parent)
    await c.apply(Rows(), place)
    return place


async def _find_parents(c: Collection, dataset: str) -> None:
    """Return if the parents are known. The schedule begins here only after they have been read, but
    whoever asks for a collection may be early.

    While they are being read GraphUnavailable puts the run off; their run sends it on when it ends.
    Raises GraphError when waiting is of no use.
    """
    lines = await asyncio.to_thread(c.doors.runs.status, c.run.tenant_id, clock.now())
    line = next((line for line in lines if line.dataset == dataset), None)
    if line is not None and (line.complete_at is not None or line.state == "partial"):
        return
    under_way = line is not None and (line.running or line.pending or line.state == "throttled")
    if not under_way and line is not None and line.state is not None:
        raise GraphError("parent_not_collected", dataset=dataset)
    raise GraphUnavailable("parent_under_way", dataset=dataset)
