"""When work at a time of the day comes round, summer time and leap days included."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.core.cron import Cron
from shared.core.work import After, At, Every, due_next, retry_at


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "moment", "expected"),
    [
        ("30 3 * * *", "UTC", "2026-03-01T03:29:59", "2026-03-01T03:30"),
        ("30 3 * * *", "UTC", "2026-03-01T03:30", "2026-03-02T03:30"),
        ("*/15 * * * *", "UTC", "2026-03-01T23:50", "2026-03-02T00:00"),
        ("0 8 * * 1-5", "UTC", "2026-03-06T08:00", "2026-03-09T08:00"),
        ("0 8 * * 7", "UTC", "2026-03-06T08:00", "2026-03-08T08:00"),
        ("0 0 1,15 * *", "UTC", "2026-03-01T00:00", "2026-03-15T00:00"),
        ("0 0 13 * 5", "UTC", "2026-03-10T00:00", "2026-03-13T00:00"),
        ("0 0 13 * 5", "UTC", "2026-03-13T00:00", "2026-03-20T00:00"),
        ("0 0 29 2 *", "UTC", "2026-03-01T00:00", "2028-02-29T00:00"),
        ("0 8 * * 1", "Asia/Tokyo", "2026-03-06T00:00", "2026-03-08T23:00"),
        # Berlin skips 02:30 on 2026-03-29, and shows it twice on 2026-10-25.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:30", "2026-03-30T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_the_next_time(expression: str, zone: str, moment: str, expected: str) -> None:
    assert Cron(expression, zone).next_after(utc(moment)) == utc(expected)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("* * * *", "UTC"),
        ("60 * * * *", "UTC"),
        ("5-1 * * * *", "UTC"),
        ("0 0 31 2 *", "UTC"),
        ("x * * * *", "UTC"),
        ("0 0 * * *", "Nowhere/Land"),
    ],
)
def test_what_makes_no_sense_is_refused(expression: str, zone: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Cron(expression, zone)


def test_a_year_of_days_comes_once_each() -> None:
    cron, moment = Cron("15 2 * * *", "Europe/Berlin"), utc("2026-01-01T00:00")
    seen: list[datetime] = []
    while len(seen) < 365:
        moment = cron.next_after(moment)
        seen.append(moment)
    days = {(moment + timedelta(hours=1)).date() for moment in seen}
    assert len(days) == 365


def test_what_failed_is_due_sooner_than_its_cadence_says() -> None:
    now, minutes = utc("2026-03-01T03:00"), timedelta(minutes=1)
    assert retry_at(Every(timedelta(days=1)), now) == now + 30 * minutes
    assert retry_at(After(("groups",), 10 * minutes), now) == now + 10 * minutes
    assert retry_at(At("10 3 * * *"), now) == now + 10 * minutes
    assert retry_at(At("10 2 * * *"), now) == now + 30 * minutes
    assert retry_at(None, now) is None
    assert due_next(At("10 3 * * *"), now) == now + 10 * minutes
    assert due_next(Every(minutes), now) is None
