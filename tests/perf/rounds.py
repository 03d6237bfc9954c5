"""Interleaved rounds: every variant a fresh process, medians of per-round ratios to a baseline."""

import json
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.fixtures.children import RUN_SECONDS, run_child
from tests.perf.measure import Figures

_ROOT = Path(__file__).resolve().parents[2]

# Without .pyc a child would measure the compiler: where PYTHONDONTWRITEBYTECODE is set, they are here.
_BYTECODE = _ROOT / ".kanri" / "perf-bytecode"


class VariantFailed(RuntimeError):
    """A variant's process ended with an error; the message holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of doing the work.

    `call` is "module:function"; the function takes the job (a dict) and returns its figures.
    `prepare` runs in this process before each round and returns what to add to the job (a fresh
    database, say); `release` undoes it afterwards. A process has so many `seconds`.
    """

    name: str
    call: str
    job: Mapping[str, object] = field(default_factory=dict)
    prepare: Callable[[], Mapping[str, object]] | None = None
    release: Callable[[Mapping[str, object]], None] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: float = RUN_SECONDS


@dataclass(frozen=True, slots=True)
class Ratio:
    """`figure` of `variant` against `base`: `variant / base`, or `base / variant` for "less"."""

    label: str
    figure: str
    variant: str
    base: str
    target: float
    kind: Literal["at least", "at most"]
    inverse: bool = False

    def of(self, measured: Figures, baseline: Figures) -> float:
        """Return the ratio of one round."""
        mine, theirs = measured[self.figure], baseline[self.figure]
        return theirs / mine if self.inverse else mine / theirs


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure of one variant that has a limit of its own, such as WAL per run."""

    label: str
    figure: str
    variant: str
    target: float
    kind: Literal["at least", "at most"]
    unit: str


type Measured = dict[str, list[Figures]]


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured child: bytecode is kept, in a folder of its own if need be."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("KANRI_", "PYTHON")) and key != "COVERAGE_PROCESS_START"
    }
    own = {"PYTHONPYCACHEPREFIX": str(_BYTECODE)} if sys.dont_write_bytecode else {}
    return {**kept, **own, **extra}


def run_variant(variant: Variant) -> Figures:
    """Run one variant once, in a fresh process; VariantFailed if it does not end well."""
    prepared = variant.prepare() if variant.prepare is not None else {}
    try:
        done = run_child(
            [sys.executable, "-m", "tests.perf.child", variant.call],
            input=json.dumps({**variant.job, **prepared}),
            capture_output=True,
            text=True,
            cwd=_ROOT,
            env=child_environment(variant.environment),
            timeout=variant.seconds,
        )
    finally:
        if variant.release is not None:
            variant.release(prepared)
    if done.returncode != 0:
        raise VariantFailed(f"{variant.name}: {done.stderr[-4000:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def run_rounds(variants: Sequence[Variant], rounds: int, say: Callable[[str], None]) -> Measured:
    """Run all variants `rounds` times, in turn; `say` is told about the progress."""
    measured: Measured = {variant.name: [] for variant in variants}
    for number in range(1, rounds + 1):
        for variant in variants:
            say(f"round {number}/{rounds}: {variant.name}")
            measured[variant.name].append(run_variant(variant))
    return measured


def median(figures: Sequence[Figures], name: str) -> float:
    """Return the median of one figure over the rounds."""
    return statistics.median(each[name] for each in figures)


def median_ratio(ratio: Ratio, measured: Measured) -> float:
    """Return the median of the ratios of each round."""
    pairs = zip(measured[ratio.variant], measured[ratio.base], strict=True)
    return statistics.median(ratio.of(mine, base) for mine, base in pairs)
