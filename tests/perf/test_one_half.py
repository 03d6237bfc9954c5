"""One half of the benchmarks in small (tests/perf/smoke.py)."""

import pytest

from tests.perf.ground import Ground
from tests.perf.smoke import ONE_HALF, try_benchmark

pytestmark = [pytest.mark.perf, pytest.mark.stack, pytest.mark.slow]


@pytest.mark.parametrize("name", ONE_HALF)
def test_a_benchmark_counts_its_rows_and_prints_ratios(name: str, ground: Ground) -> None:
    try_benchmark(name, ground)
