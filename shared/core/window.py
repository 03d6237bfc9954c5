"""The stretch of time that figures are asked for, and the buckets that it is divided in.

`from`, `to`, `interval` and `timeZone` of a question. A bucket is an hour or a day of the time zone, so
a day may have 23 or 25 hours. `to` is left out, or lies ahead: up to now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from shared.core.asked import Asked, choice, instant
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.question import time_zone

type Interval = Literal["PT1H", "P1D"]

NAMES = ("from", "to", "interval", "timeZone")

# Nobody kept anything before; far from the ends of what a date can be.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class _Bounds(NamedTuple):
    """How many days are asked about where `from` is left out, and how many may be at most."""

    usual: int
    most: int


BOUNDS: Mapping[Interval, _Bounds] = {"P1D": _Bounds(30, 400), "PT1H": _Bounds(2, 31)}


@dataclass(frozen=True, slots=True)
class Window:
    """From `begins` (inclusive) to `ends` (exclusive), both UTC, in buckets of the zone (IANA name)."""

    begins: datetime
    ends: datetime
    interval: Interval
    zone: str

    @property
    def unit(self) -> Literal["hour", "day"]:
        """Return what a bucket is, as PostgreSQL calls it."""
        return "hour" if self.interval == "PT1H" else "day"

    @property
    def before(self) -> datetime:
        """Return when the stretch of the same length that came before it began."""
        return self.begins - (self.ends - self.begins)

    def last_bucket(self) -> datetime:
        """Return when the bucket began in which the window ends: what is whole changes with it."""
        return _bucket(self.ends, self.interval, self.zone)


def read_window(asked: Asked, now: datetime) -> Window:
    """Return the window that is asked for at `now` (UTC); BadRequest names the parameter at fault."""
    interval = cast("Interval", choice(asked, "interval", tuple(BOUNDS), "P1D"))
    zone = time_zone(asked) if "timeZone" in asked else "UTC"
    ends = min(_instant(asked, "to") or now, now)
    usual, most = BOUNDS[interval]
    begins = _instant(asked, "from") or _bucket(ends - timedelta(days=usual), interval, zone)
    if begins >= ends:
        raise BadRequest(
            "window_reversed", parameter="from", begins=written(begins), ends=written(ends)
        )
    if ends - begins > timedelta(days=most):
        raise BadRequest("window_too_long", parameter="from", interval=interval, days=most)
    return Window(begins, ends, interval, zone)


def _instant(asked: Asked, name: str) -> datetime | None:
    moment = instant(asked, name)
    if moment is not None and moment < _EARLIEST:
        raise BadRequest("window_too_early", parameter=name, first=written(_EARLIEST))
    return moment


def _bucket(moment: datetime, interval: Interval, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    return (local if interval == "PT1H" else local.replace(hour=0, fold=0)).astimezone(UTC)
