"""When a cron expression comes round next, in a time zone with its summer time.

Five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), each `*`,
a number, a range `1-5`, a list `1,15` or a step `*/10`, as crontab(5) has them; where both days are
restricted, either is enough. https://man7.org/linux/man-pages/man5/crontab.5.html
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
# February 29th comes at least once in eight years.
_DAYS_AHEAD = 8 * 366 + 1


@dataclass(frozen=True)
class Cron:
    """One expression in one zone (IANA name). ValueError if either makes no sense."""

    expression: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not any(self._on(date(2000, 1, 1) + timedelta(days=day)) for day in range(_DAYS_AHEAD)):
            raise ValueError(f"{self.expression} never comes")

    def next_after(self, moment: datetime) -> datetime:
        """Return the first instant later than `moment` at which the expression holds, in UTC.

        A time that the clocks skip comes when they have been put forward; one that they show twice
        comes once, the first time.
        """
        zone = ZoneInfo(self.zone)
        first = moment.astimezone(zone).date()
        minutes, hours = self._sets[:2]
        # A day earlier too: a skipped time is put off beyond midnight in some zones.
        for ahead in range(-1, _DAYS_AHEAD):
            day = first + timedelta(days=ahead)
            if not self._on(day):
                continue
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    at = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                    if at > moment:
                        return at
        raise ValueError(f"{self.expression} never comes")

    def _on(self, day: date) -> bool:
        _, _, days, months, weekdays = self._sets
        if day.month not in months:
            return False
        of_month, of_week = day.day in days, day.isoweekday() % 7 in {n % 7 for n in weekdays}
        _, _, day_field, _, week_field = self.expression.split()
        if day_field.startswith("*") or week_field.startswith("*"):
            return of_month and of_week
        return of_month or of_week

    @cached_property
    def _sets(self) -> tuple[frozenset[int], ...]:
        fields = self.expression.split()
        if len(fields) != len(_FIELDS):
            raise ValueError(f"{self.expression} has not five fields")
        return tuple(_values(field, *span) for field, span in zip(fields, _FIELDS, strict=True))


def _values(field: str, lowest: int, highest: int) -> frozenset[int]:
    values: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start, end = (lowest, highest) if span == "*" else (int(first), int(last or first))
        if not lowest <= start <= end <= highest:
            raise ValueError(f"{field} is not within {lowest} and {highest}")
        values.update(range(start, end + 1, int(step or 1)))
    return frozenset(values)
