"""Nothing that repeats is lost without a number, and no flood becomes a flood of tellings."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.core.repeats import Repeats

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_first_is_told_at_once_and_the_others_with_what_follows_the_window() -> None:
    repeats: Repeats[str] = Repeats(MINUTE, most=10)
    assert repeats.happened("a", T0) == [("a", 1)]
    assert repeats.happened("a", T0) == []
    assert repeats.happened("b", T0) == [("b", 1)]
    assert repeats.happened("a", T0 + MINUTE / 2) == []
    assert repeats.happened("c", T0 + MINUTE) == [("a", 2), ("c", 1)]


def test_beyond_the_most_they_are_one_number() -> None:
    repeats: Repeats[int] = Repeats(MINUTE, most=3)
    told = [one for key in range(100) for one in repeats.happened(key, T0)]
    assert told == [(0, 1), (1, 1), (2, 1)]
    assert repeats.happened(7, T0 + MINUTE) == [(None, 97), (7, 1)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 90)), max_size=60))
def test_every_happening_is_told_once_and_no_window_tells_more_than_it_may(
    happened: list[tuple[int, int]],
) -> None:
    repeats: Repeats[int] = Repeats(MINUTE, most=4)
    now, told = T0, Counter[int | None]()
    for key, seconds in happened:
        now += timedelta(seconds=seconds)
        due = repeats.happened(key, now)
        assert len(due) <= 2 * 4 + 2
        for one, times in due:
            told[one] += times
    for one, times in repeats.happened(99, now + MINUTE):
        told[one] += times
    assert told.total() == len(happened) + 1
