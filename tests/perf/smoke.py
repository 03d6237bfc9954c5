"""Keeps the benchmarks alive: small sizes, one round; counts and ratios are checked, never time."""

import math
from importlib import import_module

import pytest

from tests.fixtures.browser import CHROMIUM
from tests.perf.__main__ import NAMES
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome

SMALL = Options(rounds=1, rows=60, say=print, requests=5)

# In two files, so that two workers try them. That of the package is tried where one is at hand, in
# tests/infra/test_package.py.
_TRIED = [name for name in NAMES if name != "package"]
ONE_HALF, OTHER_HALF = _TRIED[::2], _TRIED[1::2]


def try_benchmark(name: str, ground: Ground) -> None:
    """Each variant asserts in its own process that it stored or answered every row."""
    if name == "html" and not CHROMIUM.exists():
        pytest.skip("there is no Chromium")
    judge(import_module(f"tests.perf.bench_{name}").run(ground, SMALL))


def judge(outcome: Outcome) -> None:
    """Assert that there are ratios, and that all that was found is shown."""
    assert outcome.findings
    for finding in outcome.findings:
        assert math.isfinite(finding.value), finding
        assert f"{finding.target:g}" in finding.line()
    for runs in outcome.measured.values():
        assert len(runs) == 1
    shown = "\n".join(outcome.lines())
    assert all(variant in shown for variant in outcome.measured)
