"""What is left of the past after thinning and dropping, held against a past that remembers everything."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.retention import (
    TURNS,
    History,
    Retention,
    Thinned,
    Turn,
    borders,
    first_kept,
    kept_by_all,
    last_turn,
    next_turn,
)

DAY = timedelta(days=1)
START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3000 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
DAYS = st.integers(0, 3000).map(lambda days: START + days * DAY)
POLICIES = st.builds(
    lambda keep, thin, to: Retention(
        keep_days=keep, thin_days=thin, thin_to=None if thin is None else to
    ),
    st.none() | st.integers(30, 2000),
    st.none() | st.integers(30, 1000),
    st.sampled_from(TURNS),
)


def test_turns_are_nested() -> None:
    day = START
    while day < START + 800 * DAY:
        kinds = [to for to in TURNS if last_turn(day, to) == day]
        assert kinds == list(TURNS[: len(kinds)]), day
        day += DAY


@given(moment=MOMENTS, to=st.sampled_from(TURNS))
def test_the_next_turn_is_the_first_that_is_not_before(moment: datetime, to: Turn) -> None:
    found = next_turn(moment, to)
    assert found >= moment
    assert last_turn(found, to) == found
    assert last_turn(found - timedelta(microseconds=1), to) <= moment


class Past:
    """A past that changes every seven hours; each version is forgotten as the borders say."""

    def __init__(self) -> None:
        self.versions = [
            (START + timedelta(hours=7 * n), START + timedelta(hours=7 * (n + 1)))
            for n in range(1500)
        ]

    def take(self, keep: datetime | None, thin: datetime | None, to: Turn | None) -> None:
        def goes(began: datetime, ended: datetime) -> bool:
            if keep is not None and ended <= keep:
                return True
            if thin is None or to is None or ended > thin:
                return False
            return last_turn(ended - timedelta(microseconds=1), to) < began

        self.versions = [one for one in self.versions if not goes(*one)]

    def at(self, moment: datetime) -> tuple[datetime, datetime] | None:
        return next((one for one in self.versions if one[0] <= moment < one[1]), None)


@given(
    nights=st.lists(st.tuples(st.integers(60, 500), POLICIES), min_size=1, max_size=4),
    hours=st.lists(st.integers(0, 10_000), min_size=1, max_size=20),
)
def test_whatever_policies_came_one_after_another_what_can_be_asked_is_as_it_was(
    nights: list[tuple[int, Retention]], hours: list[int]
) -> None:
    whole, left, history = Past(), Past(), History()
    for day, policy in sorted(nights, key=lambda night: night[0]):
        taken = borders(policy, history, START + day * DAY)
        left.take(taken.keep, taken.thin, taken.to)
        history = taken.after
    for hour in hours:
        asked = START + timedelta(hours=hour)
        kept = kept_by_all(asked, {"one": history})
        if kept < first_kept(START, {"one": history}):
            continue
        assert kept <= asked
        assert left.at(kept) == whole.at(kept), (asked, kept, history)


@given(
    since=MOMENTS,
    one=st.lists(st.tuples(DAYS, st.sampled_from(TURNS)), max_size=3),
    other=st.lists(st.tuples(DAYS, st.sampled_from(TURNS)), max_size=3),
)
def test_the_first_instant_that_is_kept_is_kept_by_all(
    since: datetime, one: list[tuple[datetime, Turn]], other: list[tuple[datetime, Turn]]
) -> None:
    histories = {}
    for name, nights in (("one", one), ("other", other)):
        history = History()
        for until, to in nights:
            history = history.thinned_by(until, to)
        histories[name] = history
    found = first_kept(since, histories)
    assert found >= since
    assert kept_by_all(found, histories) == found


def test_thinning_further_goes_before_what_was_thinned_less() -> None:
    day, week = START + 300 * DAY, START + 100 * DAY
    history = History().thinned_by(day, "day").thinned_by(week, "week")
    assert history.thinned == (Thinned(week, "week"), Thinned(day, "day"))
    assert history.thinned_by(week - DAY, "day") == history
    assert history.thinned_by(day + DAY, "month").thinned == (Thinned(day + DAY, "month"),)


@pytest.mark.parametrize(
    ("new", "old", "less"),
    [
        (Retention(), Retention(), False),
        (Retention(keep_days=100), Retention(), True),
        (Retention(), Retention(keep_days=100), False),
        (Retention(keep_days=90), Retention(keep_days=100), True),
        (Retention(thin_days=90, thin_to="day"), Retention(), True),
        (Retention(thin_days=90, thin_to="week"), Retention(thin_days=90, thin_to="day"), True),
        (Retention(thin_days=90, thin_to="day"), Retention(thin_days=90, thin_to="week"), False),
        (Retention(thin_days=80, thin_to="day"), Retention(thin_days=90, thin_to="day"), True),
        (Retention(keep_days=80, thin_days=90, thin_to="day"), Retention(keep_days=80), False),
    ],
)
def test_keeping_less_is_told_from_keeping_more(new: Retention, old: Retention, less: bool) -> None:
    assert new.keeps_less(old) is less
