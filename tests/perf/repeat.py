"""Repeats a request or an export and returns its latency, CPU and memory figures."""

import time
from collections.abc import Callable, Iterable, Sequence

from tests.perf.measure import Figures, Meter, peak_rss_mb

_WARM_UP = 5


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted values lie (nearest rank)."""
    place = min(len(sorted_values) - 1, int(share * len(sorted_values)))
    return sorted_values[place]


def request_figures(answer: Callable[[], bytes], requests: int, admin_url: str) -> Figures:
    """Call `answer` again and again after a warm-up; milliseconds per call."""
    for _ in range(_WARM_UP):
        answer()
    spans = []
    with Meter(admin_url) as meter:
        for _ in range(requests):
            begun = time.perf_counter()
            answer()
            spans.append((time.perf_counter() - begun) * 1000)
    spans.sort()
    return {
        "p50_ms": percentile(spans, 0.5),
        "p99_ms": percentile(spans, 0.99),
        "cpu_ms": meter.cpu / requests * 1000,
        "pg_ms": meter.server_cpu / requests * 1000,
    }


def export_figures(answer: Callable[[], Iterable[bytes]], rows: int, admin_url: str) -> Figures:
    """Run one export to its end, chunk by chunk; AssertionError if it has not `rows` lines."""
    before = peak_rss_mb()
    first, size, lines, biggest = 0.0, 0, 0, 0
    with Meter(admin_url) as meter:
        begun = time.perf_counter()
        for chunk in answer():
            first = first or time.perf_counter() - begun
            size += len(chunk)
            biggest = max(biggest, len(chunk))
            lines += chunk.count(b"\r\n")
    assert lines == rows + 1, f"{lines} lines, expected a header and {rows}"
    return {
        "rows": rows,
        "wall_s": meter.wall,
        "cpu_ms": meter.cpu * 1000,
        "pg_ms": meter.server_cpu * 1000,
        "first_ms": first * 1000,
        "mb_out": size / 1e6,
        "rss_mb": peak_rss_mb(),
        "rss_growth_mb": peak_rss_mb() - before,
        "held_mb": peak_rss_mb() - before - biggest / 1e6,
    }
