"""How long history is kept: policies, and which instants can still be asked after one was applied.

Thinning keeps the versions that were valid at the turns of days, weeks or months (UTC), as they
are: no version is made to last longer than it did. So the past stays exact at those turns, and an
instant between two of them is answered by the turn before it, which the answer says. Turns are
nested, that thinning further never contradicts what was thinned before: the first of a month is one
of a week too, and both are one of a day.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from shared.core.collector.column import Shape

type Turn = Literal["day", "week", "month"]

# From the finest to the coarsest.
TURNS: tuple[Turn, ...] = ("day", "week", "month")

# Reports look a month back by themselves, and a walk through pages may last for days.
FEWEST_DAYS = 30
MOST_DAYS = 36_600


class Retention(Struct, frozen=True, kw_only=True):
    """How long one dataset is kept.

    `keep_days`: versions that ended longer ago, events and measures that are older, are dropped; None
    keeps all. `thin_days`: of versions that ended longer ago only those of the turns of `thin_to` are
    kept; both or neither, and for entities only.
    """

    keep_days: int | None = None
    thin_days: int | None = None
    thin_to: Turn | None = None

    def keeps_less(self, than: "Retention") -> bool:
        """Tell whether anything goes sooner than with another one."""
        if _days(self.keep_days) < _days(than.keep_days):
            return True
        if self.thin_to is None:
            return False
        if than.thin_to is None:
            return _days(self.thin_days) < _days(self.keep_days)
        coarser = TURNS.index(self.thin_to) > TURNS.index(than.thin_to)
        return coarser or _days(self.thin_days) < _days(than.thin_days)

    def told(self) -> dict[str, object]:
        """Return what is set, as JSON knows it."""
        values = {"keepDays": self.keep_days, "thinDays": self.thin_days, "thinTo": self.thin_to}
        return {name: value for name, value in values.items() if value is not None}


# Seven years of what was when, to the day beyond thirteen months, which is what trends compare.
DEFAULTS: Mapping["Shape", Retention] = {
    "entity": Retention(keep_days=2557, thin_days=400, thin_to="day"),
    "event": Retention(keep_days=1096),
    "measure": Retention(keep_days=2557),
}


class Thinned(Struct, frozen=True):
    """Before `until`, only the turns of `to` are kept."""

    until: datetime
    to: Turn


class History(Struct, frozen=True):
    """What is left of the past of one dataset: all since `since` (None: ever), but for what was thinned.

    `thinned` goes from the coarsest, which is the oldest, to the finest.
    """

    since: datetime | None = None
    thinned: tuple[Thinned, ...] = ()

    def turn_at(self, moment: datetime) -> Turn | None:
        """Return of which turns the state around `moment` is kept; None if of every instant."""
        return next((one.to for one in self.thinned if moment < one.until), None)

    def kept_at(self, moment: datetime) -> datetime:
        """Return the last instant up to `moment` whose state is kept exactly, leaving `since` aside."""
        to = self.turn_at(moment)
        return moment if to is None else last_turn(moment, to)

    def thinned_by(self, until: datetime, to: Turn) -> "History":
        """Return what is left when all before `until` has been thinned to the turns of `to`."""
        rank = TURNS.index(to)
        rest = [one for one in self.thinned if one.until > until or TURNS.index(one.to) > rank]
        if not any(one.until >= until and TURNS.index(one.to) >= rank for one in rest):
            rest.append(Thinned(until, to))
        return History(self.since, tuple(sorted(rest, key=lambda one: one.until)))


def history_of(since: datetime | None, thinned: Iterable[Mapping[str, str]] | None) -> History:
    """Return a history as its columns tell it."""
    found = (Thinned(datetime.fromisoformat(one["until"]), one["to"]) for one in thinned or ())  # type: ignore[arg-type]
    return History(since, tuple(found))


class Borders(Struct, frozen=True):
    """What one run takes away: versions and rows before `keep`, and what no turn of `to` before `thin`
    needs. `after` is what is left then."""

    keep: datetime | None = None
    thin: datetime | None = None
    to: Turn | None = None
    after: History = field(default_factory=History)

    @property
    def any(self) -> bool:
        """Whether there is anything that it could take away."""
        return self.keep is not None or self.thin is not None


def borders(policy: Retention, history: History, today: datetime) -> Borders:
    """Return what `policy` takes away on the day that begins at `today`.

    The border of what is dropped is moved back to an instant that is kept exactly: else the instants
    behind it would be answered by one before it.
    """
    after, thin = history, None
    if policy.thin_days is not None and policy.thin_to is not None:
        thin = today - timedelta(days=policy.thin_days)
        after = history.thinned_by(thin, policy.thin_to)
    keep = None
    if policy.keep_days is not None:
        keep = after.kept_at(today - timedelta(days=policy.keep_days))
        since = keep if history.since is None else max(keep, history.since)
        after = History(since, tuple(one for one in after.thinned if one.until > since))
    return Borders(keep, thin, policy.thin_to if thin else None, after)


def last_turn(moment: datetime, to: Turn) -> datetime:
    """Return the last turn up to `moment`: midnight; that of a Monday or a first; that of a first."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = day.replace(day=1)
    if to == "week":
        return max(day - timedelta(days=day.weekday()), first)
    return first if to == "month" else day


def next_turn(moment: datetime, to: Turn) -> datetime:
    """Return the first turn from `moment` on."""
    day = last_turn(moment, "day")
    while day < moment or last_turn(day, to) != day:
        day += timedelta(days=1)
    return day


def kept_by_all(moment: datetime, histories: Mapping[str, History]) -> datetime:
    """Return the last instant up to `moment` that all of them keep exactly, leaving `since` aside."""
    while (
        kept := min((one.kept_at(moment) for one in histories.values()), default=moment)
    ) < moment:
        moment = kept
    return moment


def first_kept(since: datetime, histories: Mapping[str, History]) -> datetime:
    """Return the first instant from `since` on that all of them keep exactly."""
    starts = [one.since for one in histories.values() if one.since is not None]
    moment = max([since, *starts])
    while kept_by_all(moment, histories) < moment:
        turns = [to for one in histories.values() if (to := one.turn_at(moment)) is not None]
        moment = next_turn(moment, max(turns, key=TURNS.index))
    return moment


def _days(days: int | None) -> float:
    return float("inf") if days is None else days
