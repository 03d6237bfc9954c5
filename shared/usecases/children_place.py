"""Where a round below the objects of another dataset stands, where it begins and what it leaves."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from shared.core import clock
from shared.core.collector import Below
from shared.core.rows import Parent
from shared.usecases.collection import Collection, Place
from shared.usecases.read_listing import full_round_due

# A parent is stored at most so long after it was observed.
_STORED_LATE = timedelta(minutes=15)
_DAY = timedelta(days=1)


class OpenParent(msgspec.Struct, frozen=True):
    """A parent of which some pages are stored: the link to the next, whether all rows were good,
    and the way to it (see `Trail`). All below the parent is read unless it has a link itself."""

    parent: Parent
    link: str
    good: bool = True
    mark: str = ""
    steps: int = 0


class ChildrenPlace(Place, frozen=True):
    """Where to go on. `after` is the last parent asked for; `open` are those with more pages.

    `later` are set aside; `again` is True while they are read. `shown`, `gone` and `refused` count
    the parents by what Graph said, `refusal` is the first refusal, `held_up` how often the batch
    that is next had no answer at all. `some`: there was a row below one of them; `doubted` counts those
    that had rows and have none now, while nobody had any. `since`: only parents that changed from then on are asked
    for. `read_at` and `all_at` are when the last complete round began, and the last below all
    parents; `begun_at` is when this one did. `spent` units of the service went on it since `day`.
    """

    after: str | None = None
    open: tuple[OpenParent, ...] = ()
    later: tuple[str, ...] = ()
    again: bool = False
    shown: int = 0
    gone: int = 0
    refused: int = 0
    refusal: str = ""
    held_up: int = 0
    some: bool = False
    doubted: int = 0
    since: datetime | None = None
    read_at: datetime | None = None
    all_at: datetime | None = None
    begun_at: datetime | None = None
    day: datetime | None = None
    spent: int = 0


def begun(c: Collection) -> ChildrenPlace:
    """Return the place of a new run: in a round that the day's budget cut short, else of a new one.

    It begins now: while the run waited for its parents they were stored, and would be news next time.
    """
    last, began = c.place(ChildrenPlace), clock.now()
    if last.day is None or began - last.day >= _DAY:
        last = replace(last, day=began, spent=0)
    if last.begun_at is not None:
        return last
    fresh = ChildrenPlace(begun_at=began, day=last.day, spent=last.spent)
    return replace(fresh, since=since, all_at=last.all_at) if (since := _since(c, last)) else fresh


def _since(c: Collection, last: ChildrenPlace) -> datetime | None:
    """Return from when on a parent must have changed to be looked below; None: below all."""
    extent, began = Below.of(c.collector), c.run.started_at
    if not extent.changed or last.read_at is None or last.all_at is None:
        return None
    if full_round_due(c.run.tenant_id, last.all_at, began, extent.all_every):
        return None
    return last.read_at - _STORED_LATE


def left(c: Collection, place: ChildrenPlace) -> ChildrenPlace:
    """Return where the run after a complete round goes on."""
    spent = given_up(place)
    if not Below.of(c.collector).changed:
        return spent
    began = place.begun_at or c.run.started_at
    return replace(spent, read_at=began, all_at=began if place.since is None else place.all_at)


def given_up(place: ChildrenPlace) -> ChildrenPlace:
    """Return where the run after one whose round came to nothing begins: what is spent is spent."""
    return ChildrenPlace(day=place.day, spent=place.spent)
