"""Repeats a request or an export and returns its latency, CPU and memory figures."""

import time
from collections.abc import Callable, Iterable, Sequence

from tests.perf.measure import Figures, cpu_seconds, peak_rss_mb

_WARM_UP = 5


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted values lie (nearest rank)."""
    place = min(len(sorted_values) - 1, int(share * len(sorted_values)))
    return sorted_values[place]


def request_figures(answer: Callable[[], bytes], requests: int) -> Figures:
    """Call `answer` again and again after a warm-up; milliseconds per call."""
    for _ in range(_WARM_UP):
        answer()
    cpu, spans = -cpu_seconds(), []
    for _ in range(requests):
        begun = time.perf_counter()
        answer()
        spans.append((time.perf_counter() - begun) * 1000)
    cpu += cpu_seconds()
    spans.sort()
    return {
        "p50_ms": percentile(spans, 0.5),
        "p99_ms": percentile(spans, 0.99),
        "cpu_ms": cpu / requests * 1000,
    }


def export_figures(answer: Callable[[], Iterable[bytes]], rows: int) -> Figures:
    """Run one export to its end, chunk by chunk; AssertionError if it has not `rows` lines."""
    before = peak_rss_mb()
    cpu, begun = -cpu_seconds(), time.perf_counter()
    first, size, lines = 0.0, 0, 0
    for chunk in answer():
        first = first or time.perf_counter() - begun
        size += len(chunk)
        lines += chunk.count(b"\r\n")
    wall = time.perf_counter() - begun
    assert lines == rows + 1, f"{lines} lines, expected a header and {rows}"
    return {
        "rows": rows,
        "wall_s": wall,
        "cpu_ms": (cpu + cpu_seconds()) * 1000,
        "first_ms": first * 1000,
        "mb_out": size / 1e6,
        "rss_mb": peak_rss_mb(),
        "rss_growth_mb": peak_rss_mb() - before,
    }
