"""The rows that all workers share: the same arithmetic as on paper, under many hands, and blocks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from shared.core import clock
from shared.core.lease import Ask, Lease
from shared.store.registers.rate_windows import (
    RATE_WINDOWS,
    Block,
    Failing,
    LeaseAsked,
    RateWindows,
)
from shared.store.session.sessions import operator_session
from tests.core.window_row import WindowRow
from tests.store.test_round_trips import round_trips

pytestmark = pytest.mark.stack

# So long that it does not end while a test runs, whenever that is: to the year 2128 from 2001 on.
_SECONDS = 1_000_000_000
_ONE = st.tuples(st.integers(0, 3), st.integers(1, 300))


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Path]:
    """A clock that the test moves."""
    clock.follow(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow(None)


def rows(engine: Engine) -> int:
    with operator_session(engine) as connection:
        return connection.execute(select(func.count()).select_from(RATE_WINDOWS)).scalar_one()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quota=st.integers(1, 2000), sent=st.lists(_ONE, min_size=1, max_size=30))
def test_the_row_gives_what_the_arithmetic_says(
    engine: Engine, quota: int, sent: list[tuple[int, int]]
) -> None:
    """Four workers, each settling what it held when it asks again."""
    windows, subject = RateWindows(engine), str(uuid4())
    model, held = WindowRow(quota, _SECONDS), [Ask(0, 0, 1)] * 4
    for worker, wanted in sent:
        ask = replace(held[worker], wanted=wanted)
        [given] = windows.lease([LeaseAsked(subject, "x", quota, _SECONDS, ask)])
        now = given.grant.window + 1.0
        meant = model.lease(ask, now)
        assert replace(given.grant, ends_in=meant.ends_in) == meant
        held[worker] = Ask(meant.window, max(0, meant.granted - 1), 1)


def test_many_threads_never_lease_more_than_the_quota(engine: Engine) -> None:
    """Some name two rows in one order, some in the other."""
    quota, windows = 997, RateWindows(engine)

    def work(number: int) -> int:
        lease, taken = Lease(), 0
        subjects = ["a", "b"] if number % 2 else ["b", "a"]
        while True:
            ask = lease.ask(0.0)
            given = windows.lease([LeaseAsked(one, "x", quota, _SECONDS, ask) for one in subjects])
            taken += given[0].grant.granted + given[1].grant.granted
            if taken > 2 * quota or not any(one.grant.granted for one in given):
                return taken
            lease.take(given[0].grant, 0.0)
            lease.left = 0

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(8))) == 2 * quota


def test_several_quotas_are_leased_in_one_round_trip_and_answered_in_order(engine: Engine) -> None:
    windows = RateWindows(engine)
    asked = [
        LeaseAsked("b", "x", 100, _SECONDS, Ask(0, 0, 3)),
        LeaseAsked("a", "x", 1, _SECONDS, Ask(0, 0, 3)),
        LeaseAsked("a", "w", 75, _SECONDS, Ask(0, 0, 9)),
    ]
    windows.lease(asked)
    with round_trips(engine) as count:
        given = windows.lease(asked)
        assert count() == 1
    assert [one.grant.granted for one in given] == [3, 0, 1]
    assert [one.grant.rest for one in given] == [94, 0, 70]
    assert all(0 < one.grant.ends_in <= _SECONDS and one.blocked == 0 for one in given)


def test_a_window_begins_anew_when_its_time_is_over(engine: Engine, moved: Path) -> None:
    windows = RateWindows(engine)
    asked = LeaseAsked("a", "x", 2, 60, Ask(0, 0, 1))
    clock.move(moved, timedelta(seconds=60))
    [first] = windows.lease([asked])
    begins = first.grant.ends_in
    clock.move(moved, timedelta(seconds=begins))
    grants = [windows.lease([asked])[0].grant for _ in range(3)]
    assert [one.granted for one in grants] == [1, 1, 0]
    assert {one.window - first.grant.window for one in grants} == {60}


def test_who_fails_too_often_is_blocked_for_a_while_and_everybody_is_told(
    engine: Engine, moved: Path
) -> None:
    windows = RateWindows(engine)
    failing = Failing("address:203.0.113.7", "x", 3, _SECONDS, 900)
    blocks = [windows.count([failing])[0] for _ in range(4)]
    assert [block.begins for block in blocks] == [False, False, True, False]
    assert [block.seconds > 0 for block in blocks] == [False, False, True, True]
    asked = LeaseAsked("address:203.0.113.7", "y", 10, _SECONDS, Ask(0, 0, 1))
    assert 890 < windows.lease([asked])[0].blocked <= 900
    other = replace(asked, subject="address:203.0.113.8")
    assert windows.lease([other])[0].blocked == 0
    clock.move(moved, timedelta(seconds=901))
    assert windows.lease([asked])[0].blocked == 0
    [again] = windows.count([failing])
    assert again.begins, "he has gone on in the same window"


def test_failures_are_forgotten_with_their_window(engine: Engine, moved: Path) -> None:
    windows, failing = RateWindows(engine), Failing("key:k", "x", 2, 300, 900)
    windows.count([failing])
    clock.move(moved, timedelta(seconds=301))
    assert windows.count([failing]) == [Block(0, False)]


def test_what_counts_no_more_is_deleted(engine: Engine, moved: Path) -> None:
    windows = RateWindows(engine)
    windows.lease([LeaseAsked("a", "x", 5, 60, Ask(0, 0, 1))])
    windows.count([Failing("b", "x", 1, 60, 200_000)])
    assert windows.forget() == 0
    clock.move(moved, timedelta(days=1, minutes=2))
    assert (windows.forget(), rows(engine)) == (1, 1), "who is blocked stays so"
    clock.move(moved, timedelta(days=2))
    assert (windows.forget(), rows(engine)) == (1, 0)
