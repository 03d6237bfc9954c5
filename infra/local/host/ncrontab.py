"""NCRONTAB schedules as the Functions timer trigger reads them.

Facts: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer and the
behaviour of NCrontab 3: five fields mean second 0; a day must match the day of the month *and*
the weekday; reversed ranges are swapped; English names match by prefix; Sunday is 0 and 7 is
refused; there is no `?`, `L`, `#` or `@daily`.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HORIZON = timedelta(days=9 * 366)  # 29 February can be eight years away


@dataclass(frozen=True, slots=True)
class Unit:
    """One field of an expression: its name, bounds, and names for values."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Every value that a field text selects. Raises ValueError."""
        if not text or text.startswith(","):
            raise ValueError(f"empty {self.name} field")
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, text: str) -> range:
        base, slash, step_text = text.partition("/")
        step = self._digits(step_text) if slash else 1
        if base == "*":
            return range(self.low, self.high + 1, max(step, 1))
        first_text, dash, last_text = base.partition("-")
        first = self._value(first_text)
        # `5/10` runs from 5 to the end of the unit, a bare `5` is 5 alone.
        last = self._value(last_text) if dash else self.high if slash else first
        return range(min(first, last), max(first, last) + 1, max(step, 1))

    def _value(self, text: str) -> int:
        value = self._digits(text) if text[:1].isdigit() else self._named(text.lower())
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is no {self.name} ({self.low}-{self.high})")
        return value

    def _named(self, text: str) -> int:
        for index, name in enumerate(self.names):
            if text and name.startswith(text):
                return index + self.low
        raise ValueError(f"{text!r} is no {self.name}")

    def _digits(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{text!r} is no number in the {self.name} field")
        return int(text)


UNITS = (
    Unit("second", 0, 59),
    Unit("minute", 0, 59),
    Unit("hour", 0, 23),
    Unit("day", 1, 31),
    Unit("month", 1, 12, MONTHS),
    Unit("day of week", 0, 6, DAYS),
)


class Schedule:
    """A parsed expression. Raises ValueError for a text that the platform refuses."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) == 5:
            fields = ["0", *fields]
        if len(fields) != len(UNITS):
            raise ValueError(f"{expression!r} has {len(fields)} fields; 5 or 6 are wanted")
        parsed = [unit.values(field) for unit, field in zip(UNITS, fields, strict=True)]
        seconds, minutes, hours, self.days, self.months, self.weekdays = parsed
        self.times = [
            time(hour, minute, second)
            for hour in sorted(hours)
            for minute in sorted(minutes)
            for second in sorted(seconds)
        ]

    def next(self, after: datetime) -> datetime | None:
        """The first occurrence after an instant, in UTC; None if it never comes."""
        moment = after.astimezone(UTC)
        day, last = moment.date(), moment.date() + HORIZON
        first = bisect_right(self.times, moment.time())
        while day <= last:
            if first < len(self.times) and self._on(day.day, day.month, day.isoweekday() % 7):
                return datetime.combine(day, self.times[first], UTC)
            day += timedelta(days=1)
            first = 0
        return None

    def _on(self, day: int, month: int, weekday: int) -> bool:
        return day in self.days and month in self.months and weekday in self.weekdays

    @property
    def more_than_once_a_minute(self) -> bool:
        """Whether it is too frequent to monitor: the platform then keeps no status."""
        per_minute = len({moment.second for moment in self.times})
        return per_minute > 1 and len(self.times) == per_minute * 24 * 60 and self._every_day

    @property
    def _every_day(self) -> bool:
        return (len(self.days), len(self.months), len(self.weekdays)) == (31, 12, 7)
