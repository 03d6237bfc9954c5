"""Histograms that add up: what they say of durations, and of sums of themselves."""

import json
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.latency import Histogram, bucket_of

DURATIONS = st.lists(st.floats(0.07, 200_000), min_size=1, max_size=60)


def counted(durations: list[float], budget: float | None = None) -> Histogram:
    found = Histogram()
    for ms in durations:
        found.add(ms, budget)
    return found


@given(DURATIONS, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_at_most_a_bucket_too_high_and_never_too_low(
    durations: list[float], share: float
) -> None:
    exact = sorted(durations)[ceil(share * len(durations)) - 1]
    told = counted(durations).percentile(share)
    assert told is not None
    assert exact * 0.999_999 <= told <= exact * 2 ** (1 / 8) * 1.000_001
    assert told <= max(durations)


@given(DURATIONS, DURATIONS)
def test_the_sum_of_two_is_as_if_one_had_measured(left: list[float], right: list[float]) -> None:
    both = counted(left, 100)
    both.merge(Histogram.read(json.loads(json.dumps(counted(right, 100).told()))))
    one = counted([*left, *right], 100)
    assert (both.buckets, both.over, both.count) == (one.buckets, one.over, one.count)
    assert both.total == pytest.approx(one.total, abs=0.01)
    assert both.most == pytest.approx(one.most, abs=0.001)


def test_what_is_beyond_a_budget_is_counted_exactly() -> None:
    found = counted([9.9, 10.0, 10.1], 10)
    assert found.over == 1
    assert counted([1e9]).over == 0


def test_of_nothing_nothing_is_known() -> None:
    assert Histogram().percentile(0.5) is None


def test_no_duration_is_too_short_or_too_long() -> None:
    assert bucket_of(0) == bucket_of(1e-9) == bucket_of(0.01)
    assert bucket_of(1e9) == bucket_of(1e12)
    assert counted([0.0]).percentile(1) == 0.0
    assert (bucket_of(1), bucket_of(1.01), bucket_of(2)) == (-1, 0, 7)
