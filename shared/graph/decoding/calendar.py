"""Times that stand for something else, or that no offset may carry out of the calendar."""

from collections.abc import Sequence
from datetime import UTC, datetime

# The years of .NET's earliest instant and of a Windows file time of 0: both stand for "never".
NEVER = (1, 1601)
# .NET's latest instant stands for "never ends"; how many of its digits are sent means nothing.
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
# Between these every time is what it says, whatever its offset.
_PLAIN = datetime(1603, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)


def settled(values: Sequence[datetime | None], *, never: bool) -> Sequence[datetime | None]:
    """Return the times of a column: None for never (if it may be `never`), the others in the calendar."""
    told = list(filter(None, values))
    first, last = _PLAIN
    if not told or (first <= min(told) and max(told) <= last):
        return values
    return [None if value is None else _settled(value, never=never) for value in values]


def _settled(value: datetime, *, never: bool) -> datetime | None:
    if never and value.year in NEVER:
        return None
    if value.replace(microsecond=0) == _LATEST:
        return _LATEST
    try:
        return value.astimezone(UTC)
    except OverflowError:
        earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        return earliest if value.year == 1 else latest
