"""Reads below each current object of another dataset, twenty parents at a time.

What befalls one parent holds up no other: one in passing trouble is set aside and read again when
all others are done; what fails then too makes the run partial. Whatever is stored moves the saved
place on, each page of a parent with many children too, so a run that is put off goes on right
there.

Where a round below a parent ends with a link, the link is stored for that parent together with what
was read, and the next run asks by it for what has changed; one that Graph has lost is dropped and
everything below its parent is read, and what is no longer there closed.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from copy import replace

from shared.core import clock
from shared.core.collector import Below
from shared.core.errors import (
    DeltaExpired,
    GraphError,
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotLicensed,
    NotPermitted,
    Throttled,
)
from shared.core.logs import log
from shared.core.rows import Parent, Rows
from shared.graph.batch import BATCH_SIZE, Children, read_children
from shared.graph.decoding.pages import Page
from shared.graph.paging import Trail, read_pages
from shared.usecases.check_licence import check_licence
from shared.usecases.children_place import ChildrenPlace, OpenParent, begun, given_up, left
from shared.usecases.collection import UNFINISHED, Collection, Reading
from shared.usecases.read_listing import is_news

# So often a whole batch in trouble puts the run off before it is set aside.
_HELD_UP = 3
# More parents than that are not set aside: the place is written with every page.
_LATER = 200
_AS_ABOVE = {"not_licensed": NotLicensed, "not_permitted": NotPermitted}


async def read_children_of_parents(c: Collection) -> Reading:
    """Read below all parents in id order, then below those that were set aside."""
    dataset = Below.of(c.collector).parent
    await _find_parents(c, dataset)
    if c.collector.plans and not c.run.continues:
        await check_licence(c)
    place = c.place(ChildrenPlace) if c.run.continues else begun(c)
    worked = False
    while not (worked and c.out_of_time):
        if place.open:
            place = await _read_open(c, place)
        elif (daily := Below.of(c.collector).daily) is not None and place.spent >= daily:
            return Reading(cause="budget_spent", params={"units": daily}, place=place, go_on=True)
        else:
            after, parents = await _next_parents(c, place)
            if parents:
                after = await _read_batch(c, place, after, parents)
            elif not after.later:
                return await _ended(c, after, dataset)
            place = after
        worked = True
    return UNFINISHED


async def _ended(c: Collection, place: ChildrenPlace, dataset: str) -> Reading:
    """Return how it went. Nobody believes that most parents are gone while their own dataset lists
    them: then nothing is closed."""
    if place.gone > place.shown:
        params: dict[str, object] = {"count": place.gone, "dataset": dataset}
        return Reading(cause="children_gone", params=params, place=given_up(place))
    if place.doubted and not place.some:
        return Reading(cause="list_empty", place=given_up(place))
    if c.collector.keep.closes:
        await asyncio.to_thread(c.loader.close_orphans, c.run, dataset, observed_at=clock.now())
    if place.refused:
        params = {"count": place.refused, "dataset": dataset, "reason": place.refusal}
        return Reading(cause="children_refused", params=params, place=given_up(place))
    return replace(c.reading(), place=left(c, place))


async def _next_parents(c: Collection, place: ChildrenPlace) -> tuple[ChildrenPlace, list[Parent]]:
    """Return the parents that are next and the place after them; none when all have been asked for.

    Of those that were set aside some may be gone meanwhile.
    """
    tenant_id, at = c.run.tenant_id, place.begun_at or c.run.started_at
    if not place.again:
        following = c.parents.following
        parents = await asyncio.to_thread(
            following, tenant_id, place.after, BATCH_SIZE, place.since, at
        )
        if parents:
            return replace(place, after=parents[-1].id), parents
    place = replace(place, again=True)
    ids = place.later[:BATCH_SIZE]
    rest = replace(place, later=place.later[BATCH_SIZE:])
    return rest, await asyncio.to_thread(c.parents.named, tenant_id, ids) if ids else []


async def _read_batch(
    c: Collection, before: ChildrenPlace, place: ChildrenPlace, parents: list[Parent]
) -> ChildrenPlace:
    """Ask for the first page below each of `parents`, store what came, set the troubled aside.

    `place` is the one after them; it is saved with what came.
    """
    answers = await _answers(c, parents)
    if all(answer.refusal is not None for answer in answers):
        await _hold_up(c, before, [a.refusal for a in answers if a.refusal is not None])
    rows = Rows()
    complete: list[str] = []
    links: dict[str, str] = {}
    for answer in answers:
        parent, page = answer.parent, answer.page
        if page is None:
            place = _without(place, parent.id, answer.refusal, passing=answer.passing)
            continue
        rows.extend(page.rows)
        place, good = replace(place, shown=place.shown + 1), not page.rows.rejected
        if page.next_link is not None:
            place = replace(place, open=(*place.open, OpenParent(parent, page.next_link, good)))
        elif good:
            links |= _link(parent, page)
            complete += [parent.id] if _closes(c, parent) else []
    some = place.some or bool(rows.ids or rows.rejected)
    spent = place.spent + c.collector.cost * len(parents)
    place = replace(place, held_up=0, spent=spent, some=some)
    if complete and not some:
        place, complete, links = await _doubting(c, place, complete, links)
    seen = bool(place.open)
    await c.apply(rows, place, complete_parents=complete, track_seen=seen, links=links)
    return place


async def _doubting(
    c: Collection, place: ChildrenPlace, complete: list[str], links: dict[str, str]
) -> tuple[ChildrenPlace, list[str], dict[str, str]]:
    """Return the place, and what may be closed and linked, while there was no row below any parent.

    Then those that had rows are asked again after all others; if there still is none anywhere, it is
    believed the second time only, as of a list.
    """
    had = await asyncio.to_thread(c.parents.with_rows, c.run.tenant_id, complete)
    if not had or not await is_news(c):
        return place, complete, links
    later = place.later if place.again else (*place.later, *sorted(had))[:_LATER]
    place = replace(place, later=later, doubted=place.doubted + len(had))
    kept = {parent: link for parent, link in links.items() if parent not in had}
    return place, [parent for parent in complete if parent not in had], kept


async def _answers(c: Collection, parents: Sequence[Parent]) -> list[Children]:
    """Ask below each; where Graph has lost a parent's link, for everything below it."""
    answers = await read_children(c.graph, c.collector, parents)
    lost = [a for a in answers if a.parent.link and isinstance(a.refusal, DeltaExpired)]
    if not lost:
        return [_complete(c, answer) for answer in answers]
    log("read_starts_over", cause="graph_delta_expired", parents=len(lost))
    anew = [replace(answer.parent, link=None) for answer in lost]
    answers = [answer for answer in answers if answer not in lost]
    answers += await read_children(c.graph, c.collector, anew)
    return [_complete(c, answer) for answer in answers]


def _complete(c: Collection, answer: Children) -> Children:
    """Return the answer as a trouble where a round ends without a link to go on with."""
    page = answer.page
    ends = page is not None and page.next_link is None and page.delta_link is None
    if page is None or not ends or not _tells_changes(c):
        return answer
    missing = MalformedAnswer("graph_malformed", reason="the round ends without a deltaLink")
    return Children(answer.parent, None, missing)


def _tells_changes(c: Collection) -> bool:
    return Below.of(c.collector).each.tells_changes


def _closes(c: Collection, parent: Parent) -> bool:
    """Whether what a complete answer below a parent lacks is gone."""
    return c.collector.keep.closes and parent.link is None


def _link(parent: Parent, page: Page) -> dict[str, str]:
    return {} if page.delta_link is None else {parent.id: page.delta_link}


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
        place = _without(place, parent.id, error, passing=True)
        await c.apply(Rows(), place)
        if isinstance(error, Throttled):
            raise
        return place


async def _read_pages(c: Collection, place: ChildrenPlace) -> ChildrenPlace:
    """Store page by page, each with the place after it; then close what no page contained."""
    (current, *rest), good = place.open, place.open[0].good
    links: dict[str, str] = {}
    trail = Trail(current.mark, current.steps)
    reading = read_pages(c.graph, c.collector, current.link, current.parent, trail)
    async with aclosing(reading) as pages:
        async for page in pages:
            good = good and not page.rows.rejected
            if page.next_link is None and page.delta_link is None and _tells_changes(c):
                raise MalformedAnswer(
                    "graph_malformed", reason="the round ends without a deltaLink"
                )
            links = _link(current.parent, page)
            still: tuple[OpenParent, ...] = tuple(rest)
            if page.next_link is not None:
                way = trail.mark, trail.steps
                still = (OpenParent(current.parent, page.next_link, good, *way), *rest)
            place = replace(place, open=still, spent=place.spent + c.collector.cost)
            await c.apply(
                page.rows,
                None if page.next_link is None else place,
                observed_at=page.observed_at,
                track_seen=True,
            )
            if page.next_link is not None and c.out_of_time and not trail.round:
                return place
    if good and _closes(c, current.parent):
        close = c.loader.close_unseen
        await asyncio.to_thread(close, c.run, observed_at=clock.now(), parent=current.parent.id)
    await c.apply(Rows(), place, links=links if good else None)
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
        # What the tenant did not buy, or grant, has nothing below it that could be read either.
        raise _AS_ABOVE.get(line.state, GraphError)("parent_not_collected", dataset=dataset)
    raise GraphUnavailable("parent_under_way", dataset=dataset)
