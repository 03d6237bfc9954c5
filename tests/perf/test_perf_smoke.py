"""Keeps the benchmarks alive: small sizes, one round; counts and ratios are checked, never time."""

import math
from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.fixtures.memory_folder import memory_folder, temporary_files_in
from tests.perf.__main__ import NAMES
from tests.perf.ground import Ground, standing
from tests.perf.outcome import Options, Outcome

pytestmark = [pytest.mark.perf, pytest.mark.stack, pytest.mark.slow]

_ROWS = 60


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One server for all benchmarks; nothing is timed, so it need not wait for a disk."""
    with (
        memory_folder(tmp_path_factory.mktemp("perf")) as folder,
        temporary_files_in(folder),
        standing() as ground,
    ):
        yield ground


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_counts_its_rows_and_prints_ratios(name: str, ground: Ground) -> None:
    """Each variant asserts in its own process that it stored or answered every row."""
    outcome: Outcome = import_module(f"tests.perf.bench_{name}").run(
        ground, Options(rounds=1, rows=_ROWS, say=print, requests=5)
    )
    assert outcome.findings
    for finding in outcome.findings:
        assert math.isfinite(finding.value), finding
        assert f"{finding.target:g}" in finding.line()
    for runs in outcome.measured.values():
        assert len(runs) == 1
    shown = "\n".join(outcome.lines())
    assert all(variant in shown for variant in outcome.measured)
