"""The extent: how much is read each time, and so where the next read goes on."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from msgspec import Struct, field

from shared.core.collector.part import Part, instant

type Days = Literal["D7", "D30", "D90", "D180"]

_DAYS: tuple[Days, ...] = ("D7", "D30", "D90", "D180")
# The newest day of a usage report is two days old, three at worst.
_REPORTED_LATE = timedelta(days=3)


REMOVED = "@removed"


class Extent(Part, frozen=True):
    """How much of what could be asked for is read by one run. `reading` names the way to read it."""

    reading: ClassVar[str]

    @property
    def parent(self) -> str | None:
        """The dataset below whose objects is read; None if by itself."""
        return None

    @property
    def where(self) -> str | None:
        """What is true of the parents below which is read, in SQL, by their columns."""
        return None

    @property
    def ages(self) -> tuple[timedelta, timedelta] | None:
        """How old the events must be below which is read, at least and at most; None: any."""
        return None

    @property
    def removed(self) -> str:
        """The property that marks what is gone in an answer that tells of changes."""
        return REMOVED

    @property
    def tells_changes(self) -> bool:
        """Whether a round ends with a link to what changes from then on."""
        return False

    @property
    def full_every(self) -> timedelta | None:
        """How often all is read again after the changes; None if there are no rounds of changes."""
        return None

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods of a usage report that are asked for."""
        return ()

    @property
    def daily(self) -> int | None:
        """The units of its service that it may spend in 24 hours; None: any."""
        return None

    @property
    def files(self) -> int | None:
        """How many files a read asks for that takes one request each; None for pages."""
        return None


class Whole(Extent, frozen=True):
    """Everything there is, each time: what a complete read does not contain is gone."""

    reading: ClassVar[str] = "listing"

    @property
    def question(self) -> tuple[object, ...]:
        """Nothing but its kind."""
        return ("whole",)


class Delta(Extent, frozen=True, kw_only=True):
    """Everything once, then only changes; a 410 starts over and closes what was not seen.

    What is gone is marked by the property `removed`.

    Once in `full_every` everything is read again after the changes: Graph does not tell of all of
    them for ever. It costs a request for each page of objects, once a week by default.
    """

    reading: ClassVar[str] = "listing"
    full_every: timedelta = timedelta(days=7)
    removed: str = REMOVED

    @property
    def tells_changes(self) -> bool:
        """By its deltaLink."""
        return True

    @property
    def question(self) -> tuple[object, ...]:
        """Nothing but its kind."""
        return ("delta", self.removed)


class LookBack(Struct, frozen=True, kw_only=True):
    """Read again as far back as `reach`, once in `every`.

    An event that is shown up to `reach - every` late is found for certain.
    """

    every: timedelta
    reach: timedelta

    @property
    def name(self) -> str:
        """The reach in seconds, as the saved place names it."""
        return str(int(self.reach.total_seconds()))


class Since(Extent, frozen=True):
    """What is newer by its property `source` than the watermark minus `overlap`; the first run
    reads back `initial`.

    Entra shows 99 of 100 events within five minutes of when they happened, the others later; and it
    may tell of an event again, with another result. `look_backs` find both, at growing distance.
    Per day they read four days' events again and the overlaps two: a request for each thousand.
    """

    reading: ClassVar[str] = "since"
    source: str = "createdDateTime"
    overlap: timedelta = timedelta(hours=1)
    initial: timedelta = timedelta(days=7)
    look_backs: tuple[LookBack, ...] = (
        LookBack(every=timedelta(hours=3), reach=timedelta(hours=6)),
        LookBack(every=timedelta(days=1), reach=timedelta(days=3)),
    )

    def condition(self, since: datetime, _until: datetime | None = None) -> str:
        """Return the `$filter`. No upper bound: Graph's clock and ours may differ, and the newest
        come first anyway."""
        return f"{self.source} ge {instant(since)}"

    @property
    def question(self) -> tuple[object, ...]:
        """By what it is told what is newer."""
        return ("since", self.source)


class Slices(Since, frozen=True):
    """The same, but asked for between two bounds, from the oldest slice of `span` to the newest.

    For what Graph lists in no order, or gives for no longer time at once. `up_to`: whether the later
    bound belongs to a slice; what lies on it may come twice.
    """

    reading: ClassVar[str] = "slices"
    span: timedelta = timedelta(days=1)
    up_to: Literal["le", "lt"] = "le"

    def condition(self, since: datetime, until: datetime | None = None) -> str:
        """Return the `$filter` with both bounds."""
        lower = f"{self.source} ge {instant(since)}"
        return (
            lower if until is None else f"{lower} and {self.source} {self.up_to} {instant(until)}"
        )

    @property
    def question(self) -> tuple[object, ...]:
        """By what it is cut."""
        return ("slices", self.source)


class Period(Extent, frozen=True):
    """A usage report over the last days: the whole of it, each time.

    With `first` it is a series, of which the first read asks for so many days, and a later one for
    as many as have passed since the last, `days` at least.
    `others` are asked for besides, each in a file of its own, of which the lines say the period.
    """

    reading: ClassVar[str] = "usage"
    days: Days = "D7"
    first: Days | None = None
    others: tuple[Days, ...] = ()

    @property
    def periods(self) -> tuple[str, ...]:
        """All that are ever asked for, the usual one first."""
        return (self.days, *(self.others if self.first is None else _DAYS))

    def asked(self, since: timedelta | None) -> str:
        """Return the period to ask for when the last complete read is `since` ago (None: never)."""
        if self.first is None:
            return self.days
        if since is None:
            return self.first
        missing = since + _REPORTED_LATE
        enough = (days for days in _DAYS if timedelta(days=int(days[1:])) >= missing)
        return max(self.days, next(enough, _DAYS[-1]), key=_DAYS.index)

    @property
    def files(self) -> int | None:
        """One for each period."""
        return 1 + len(self.others)

    @property
    def question(self) -> tuple[object, ...]:
        """The periods."""
        return ("period", self.days, self.first, *self.others)


class Dates(Extent, frozen=True):
    """A usage report of each day, a request for each: those since the last one that was read, the
    first time so many days. Microsoft publishes a day `late` after it, now and then some days later,
    but not after a `week`, and gives none that is older than `kept`.
    """

    reading: ClassVar[str] = "dates"
    initial: int = 7
    late: int = 2
    week: int = 7
    kept: int = 28

    def due(self, last: date | None, today: date) -> list[date]:
        """Return the days to ask for, oldest first; `last` is the newest that has been read."""
        newest = today - timedelta(days=self.late)
        days = self.initial if last is None else min((newest - last).days, self.kept)
        return [newest - timedelta(days=age) for age in range(days - 1, -1, -1)]

    def settled(self, newest: date) -> date:
        """Return the last day whose file, if it is empty, stays so, when `newest` is asked for."""
        return newest - timedelta(days=self.week)

    @property
    def files(self) -> int | None:
        """One for each day, the first time."""
        return self.initial

    @property
    def question(self) -> tuple[object, ...]:
        """Nothing but its kind."""
        return ("dates",)


class Below(Extent, frozen=True):
    """What is below each current object of the dataset `parent`, twenty per `$batch`.

    A row's id is `parentId/ownId`; what a complete read of one parent did not contain is closed for
    that parent only. `each` is how much is read below one parent: all there is, or after the first
    time what has changed. With `where`, SQL by the parent's columns, only below those of which it is
    true; the others count as gone, unless nothing is ever closed: then what has been read below once
    is looked below again. With `ages`, of events, only below those that are so old, at least and at
    most: Graph tells more of them later, and in the end nothing. With `changed` only below those that changed since the last
    complete read, and once in `all_every` below all. With `daily` no more is spent on it in 24 hours
    than so many units of the service: a round that needs more goes on at the next run.
    """

    reading: ClassVar[str] = "children"
    parent: str = field()  # the property above it is no default
    each: Extent = field(default_factory=Whole)
    where: str | None = None
    ages: tuple[timedelta, timedelta] | None = None
    changed: bool = False
    all_every: timedelta = timedelta(days=7)
    daily: int | None = None

    @property
    def removed(self) -> str:
        """As below each of them."""
        return self.each.removed

    @property
    def question(self) -> tuple[object, ...]:
        """Below what, and how much."""
        ages = () if self.ages is None else (self.ages,)
        return ("below", self.parent, self.where, *ages, *self.each.question)
