"""Schedules and time spans as the platform reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.local.host.ncrontab import Schedule
from infra.local.host.timespan import parse_timespan

START = datetime(2026, 3, 13, 10, 30, 15, 500000, UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/5 * * * *", "2026-03-13 10:35:00"),
        ("0 */5 * * * *", "2026-03-13 10:35:00"),
        ("*/20 * * * * *", "2026-03-13 10:30:20"),
        ("15 30 10 * * *", "2026-03-14 10:30:15"),
        ("0 0 9-17/4 * * *", "2026-03-13 13:00:00"),
        ("0 50/4 * * * *", "2026-03-13 10:50:00"),
        ("0 0 22-20 * * *", "2026-03-13 20:00:00"),  # reversed ranges are swapped
        ("0 0 0 13 * FRI", "2026-11-13 00:00:00"),  # day and weekday must both match
        ("0 0 0 * feb Sun,mon", "2027-02-01 00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
    ],
)
def test_next(expression: str, expected: str) -> None:
    found = Schedule(expression).next(START)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_an_occurrence_is_never_its_own_successor() -> None:
    schedule = Schedule("0 0 3 * * *")
    first = schedule.next(START)
    assert first is not None
    assert schedule.next(first) == first + timedelta(days=1)


def test_a_day_that_does_not_exist_never_comes() -> None:
    assert Schedule("0 0 0 31 4 *").next(START) is None


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "* * * * * * *", "60 * * * * *", "0 0 0 * * 7", "0 0 0 ? * *", "@daily",
     "0 0 0 L * *", "0 0 0 1,,2 * *", "0 */x * * * *", "-5 * * * * *"],
)  # fmt: skip
def test_what_the_platform_refuses(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Schedule(expression)


@pytest.mark.parametrize(
    ("expression", "frequent"),
    [("*/30 * * * * *", True), ("5 * * * * *", False), ("*/30 0 * * * *", False)],
)
def test_more_than_once_a_minute(expression: str, frequent: bool) -> None:
    assert Schedule(expression).more_than_once_a_minute is frequent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00:10", timedelta(seconds=10)),
        ("00:00:00.5", timedelta(milliseconds=500)),
        ("23:59", timedelta(hours=23, minutes=59)),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("1:02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("24:00:00", timedelta(days=24)),  # hours above 23 are days
        ("30", timedelta(days=30)),
        ("-00:01:00", -timedelta(minutes=1)),
    ],
)
def test_timespan(text: str, expected: timedelta) -> None:
    assert parse_timespan(text) == expected


@pytest.mark.parametrize("text", ["", "1:2:3:4:5", "00:60:00", "24:00:60:00", "ten", "1.5"])
def test_texts_that_are_no_timespan(text: str) -> None:
    with pytest.raises(ValueError, match=r"TimeSpan"):
        parse_timespan(text)
