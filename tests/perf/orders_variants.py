"""The measured process of `orders`: batches of children in one order of sizes, page by page."""

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

from tests.perf import product_store
from tests.perf.measure import Figures

type Job = Mapping[str, Any]

PAGE = 999


def pages_in_order(job: Job) -> Figures:
    """Store groups of `job["groups"]` members one after the other into a new tenant.

    Each group is read in pages of 999 and closed. `page_growth` is the slowest full page against the
    first full one (the median of three, so that a checkpoint does not count), `close_us` what closing cost per row.
    """
    from shared.core.clock import now
    from shared.core.registry import collector
    from shared.core.rows import Parent
    from shared.graph.decoding.pages import decoder_of

    engine = product_store.open_store(job)
    loading = product_store.Loading(engine, uuid4(), "members")
    decode = decoder_of(collector("members")).page
    walls, closing, stored = [], 0.0, 0
    for group in map(int, job["groups"]):
        parent = str(uuid4())
        for start in range(0, group, PAGE):
            count = min(PAGE, group - start)
            rows = decode(_body(stored + start, count), Parent(parent)).rows
            began = time.perf_counter()
            loading.store(rows)
            if count == PAGE:
                walls.append(time.perf_counter() - began)
        stored += group
        began = time.perf_counter()
        loading.close(now(), parent)
        closing += time.perf_counter() - began
    medians = (sorted(walls[place : place + 3])[1] for place in range(len(walls) - 2))
    windows = list(medians) or walls
    return {
        "rows": stored,
        "first_page_ms": windows[0] * 1e3,
        "worst_page_ms": max(windows) * 1e3,
        "page_growth": max(windows) / windows[0],
        "close_us": closing / stored * 1e6,
    }


def _body(first: int, count: int) -> bytes:
    kind = "#microsoft.graph.user"
    members = [
        {"@odata.type": kind, "id": str(uuid5(NAMESPACE_DNS, f"member-{number}"))}
        for number in range(first, first + count)
    ]
    return json.dumps({"value": members}).encode()
