"""Writes a PDF of made-up rows, as the product does."""

import time
from collections.abc import Mapping
from typing import Any

from shared.render.pdf import write
from tests.perf.measure import Figures, cpu_seconds, peak_rss_mb
from tests.perf.page_readers import MadeUp, report
from tests.render.answers import about


def written(job: Mapping[str, Any]) -> Figures:
    """Return what it took, library and font loaded before."""
    asked = about(report(), "ja", format="pdf")
    b"".join(write(asked, MadeUp(10)))
    before, cpu, wall = peak_rss_mb(), -cpu_seconds(), -time.perf_counter()
    document = b"".join(write(asked, MadeUp(job["rows"])))
    cpu, wall = cpu + cpu_seconds(), wall + time.perf_counter()
    assert document.startswith(b"%PDF")
    growth = peak_rss_mb() - before
    return {
        "cpu_ms": cpu * 1000,
        "wall_s": wall,
        "mb_out": len(document) / 1e6,
        "rss_growth_mb": growth,
    }
