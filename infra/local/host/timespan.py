"""Durations as .NET writes them, the form of every time in host.json."""

import re
from datetime import timedelta

_FORM = re.compile(r"(-)?(?:(\d+)\.)?(\d+)(?::(\d+))?(?::(\d+))?(?::(\d+))?(?:\.(\d{1,7}))?")


def parse_timespan(text: str) -> timedelta:
    """Read `[d.]hh:mm[:ss[.fffffff]]`, `d:hh:mm:ss` or `d`.

    A bare number is days, and `24:00:00` is 24 days: hours above 23 make .NET read dd:hh:mm
    (https://learn.microsoft.com/dotnet/api/system.timespan.parse). Raises ValueError.
    """
    match = _FORM.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no .NET TimeSpan")
    sign, days, *clock, fraction = match.groups()
    parts = [int(part) for part in clock if part is not None]
    if days is not None and len(parts) in (2, 3):
        parts = [int(days), *parts]
    elif days is not None or (fraction and len(parts) < 3):
        raise ValueError(f"{text!r} is no .NET TimeSpan")
    elif len(parts) in (2, 3) and (len(parts) == 2 or parts[0] <= 23):
        parts = [0, *parts]
    day, hour, minute, second = [*parts, 0, 0, 0][:4]
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} is out of range for a .NET TimeSpan")
    micros = int((fraction or "0").ljust(7, "0")) // 10
    span = timedelta(days=day, hours=hour, minutes=minute, seconds=second, microseconds=micros)
    return -span if sign else span
