"""The window that figures are asked for: what is left out, what is too much, which buckets it has."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.core.errors import BadRequest
from shared.core.window import Window, read_window

NOW = datetime(2026, 11, 30, 22, 40, 5, tzinfo=UTC)


def test_what_is_left_out_begins_with_a_whole_bucket_and_ends_now() -> None:
    assert read_window({}, NOW) == Window(datetime(2026, 10, 31, tzinfo=UTC), NOW, "P1D", "UTC")
    tokyo = read_window({"timeZone": "Asia/Tokyo"}, NOW)
    assert tokyo.begins == datetime(2026, 10, 31, 15, tzinfo=UTC)
    hours = read_window({"interval": "PT1H", "timeZone": "Asia/Kolkata"}, NOW)
    assert hours.begins == datetime(2026, 11, 28, 22, 30, tzinfo=UTC)


def test_what_lies_ahead_is_not_known_and_not_asked_for() -> None:
    assert read_window({"to": "2999-01-01T00:00:00Z"}, NOW).ends == NOW


def test_the_period_before_is_as_long() -> None:
    window = read_window({"from": "2026-11-20T00:00:00Z", "to": "2026-11-23T12:00:00Z"}, NOW)
    assert window.begins - window.before == window.ends - window.begins == timedelta(days=3.5)


def test_the_last_bucket_is_one_of_the_zones_calendar() -> None:
    """The day of 2026-10-25 had 25 hours in the zone of Berlin."""
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    for hours, bucket in ((24.9, begins), (25, begins + timedelta(hours=25))):
        window = Window(begins, begins + timedelta(hours=hours), "P1D", "Europe/Berlin")
        assert window.last_bucket() == bucket


@pytest.mark.parametrize(
    ("interval", "days", "fits"),
    [("P1D", 400, True), ("P1D", 401, False), ("PT1H", 31, True), ("PT1H", 32, False)],
)
def test_a_window_has_a_longest(interval: str, days: int, *, fits: bool) -> None:
    asked = {"from": (NOW - timedelta(days=days)).isoformat(), "interval": interval}
    if fits:
        assert read_window(asked, NOW).ends == NOW
    else:
        with pytest.raises(BadRequest, match="window_too_long"):
            read_window(asked, NOW)
