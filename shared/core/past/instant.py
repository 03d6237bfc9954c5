"""When a file of the PowerShell tool was made: its name says it, in local time."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)[-_]?(\d\d)[-_]?(\d\d)(?:[-_T ]?(\d\d)[-_:]?(\d\d)(?:[-_:]?(\d\d))?)?(?!\d)",
    re.ASCII,
)


class Made(Struct, frozen=True):
    """The instant, and whether a day is all that is known: it is the beginning of it then."""

    at: datetime
    day_only: bool


def made_at(name: str, zone: ZoneInfo) -> Made | None:
    """Return when the file called `name` was made, None if its name does not tell."""
    for found in _IN_NAME.finditer(name):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        except ValueError:
            continue
        return Made(local.astimezone(UTC), found[4] is None)
    return None
