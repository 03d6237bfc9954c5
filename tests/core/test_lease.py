"""Leases: never more than the quota, nearly all of it usable, and few questions to the row."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.core.lease import ALONE, Grant, Lease
from tests.core.window_row import WindowRow

_SECONDS = 60


def goes(lease: Lease, row: WindowRow, now: float) -> bool:
    """Send one request through a worker's lease; tell whether it may go."""
    while (look := lease.look(now)) == "ask":
        lease.take(row.lease(lease.ask(now), now), now)
    if look == "go":
        lease.spend()
    return look == "go"


def usable(quota: int) -> int:
    return quota - quota // 25


@given(
    quota=st.integers(1, 3000),
    workers=st.integers(1, 8),
    sent=st.lists(st.tuples(st.integers(0, 7), st.floats(0, 50)), max_size=400),
)
def test_no_window_lets_more_through_than_its_quota(
    quota: int, workers: int, sent: list[tuple[int, float]]
) -> None:
    """Whoever sends, at whatever times, over many windows."""
    row, leases = WindowRow(quota, _SECONDS), [Lease() for _ in range(workers)]
    gone: Counter[int] = Counter()
    now = 1000.0
    for worker, pause in sent:
        now += pause
        if goes(leases[worker % workers], row, now):
            gone[int(now // _SECONDS)] += 1
    assert max(gone.values(), default=0) <= quota


@given(
    quota=st.integers(1, 3000),
    before=st.lists(st.integers(0, 19), max_size=600),
    last=st.integers(0, 19),
)
def test_the_last_worker_can_use_nearly_all_that_is_left(
    quota: int, before: list[int], last: int
) -> None:
    """Twenty workers begin to use a window, nineteen get no request any more."""
    row, leases = WindowRow(quota, _SECONDS), [Lease() for _ in range(20)]
    gone = sum(goes(leases[worker], row, 1000.0) for worker in before)
    while goes(leases[last], row, 1001.0):
        gone += 1
    assert usable(quota) <= gone <= quota


@given(quota=st.integers(500, 10_000), workers=st.integers(1, 4))
def test_a_request_seldom_waits_for_the_row(quota: int, workers: int) -> None:
    """By turns, half a quota: a worker asks so often, however many requests that is."""
    row, leases = WindowRow(quota, _SECONDS), [Lease() for _ in range(workers)]
    asked = 0
    for number in range(quota // 2):
        lease = leases[number % workers]
        asked += lease.look(1000.0) == "ask"
        assert goes(lease, row, 1000.0)
    assert asked <= 25 * workers


def test_what_is_left_of_a_window_that_has_ended_is_void() -> None:
    row, lease = WindowRow(1000, _SECONDS), Lease()
    assert goes(lease, row, 1015.0)
    assert lease.left > 0
    assert lease.look(1019.9) == "go"
    assert lease.look(1020.0) == "ask"
    assert lease.ask(1020.0).settled == 0
    assert lease.left == 0


def test_who_has_spent_it_waits_without_asking_until_the_window_ends() -> None:
    row, lease = WindowRow(3, _SECONDS), Lease()
    assert [goes(lease, row, 1000.0) for _ in range(5)] == [True] * 3 + [False] * 2
    assert lease.look(1019.9) == "wait"
    assert goes(lease, row, 1020.0)


def test_an_answer_that_comes_late_is_no_right_in_a_window_that_has_begun() -> None:
    lease = Lease()
    lease.ask(1030.0)
    lease.take(Grant(1020, 5, 10, 50.0), 1030.0)
    lease.take(Grant(960, 100, 0, 1.0), 1019.0)
    assert lease.left == 5


def test_a_window_ends_no_later_than_it_does_for_the_row() -> None:
    """Asked at 1,000, answered whenever: the row said at its own 1,000 or later that 20 s are left."""
    lease = Lease()
    lease.ask(1000.0)
    lease.take(Grant(960, 1, 5, 20.0), 1000.0)
    assert lease.ends == 1020.0


@given(quota=st.integers(1, 10_000))
def test_alone_a_worker_keeps_the_pace_of_the_quota(quota: int) -> None:
    lease = Lease()
    gone, now = 0, 1000.0
    while now < 1060.0:
        if lease.look(now) == "ask":
            lease.go_alone(quota, _SECONDS, now)
        while lease.look(now) == "go":
            lease.spend()
            gone += 1
        now += ALONE
    assert gone <= max(quota, 60 / ALONE)
