"""The measured process of `growth`: what a page costs in a small table and in a big one."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.perf import people, product_store
from tests.perf.measure import Figures, Meter

type Job = Mapping[str, Any]

# The windows that are compared: the first quarter of the rows and the last.
_WINDOWS = 4


def merge_growth(job: Job) -> Figures:
    """Store `job["rows"]` users four times over (each time others) into one tenant's table."""
    engine = product_store.open_store(job)
    window = int(job["rows"])
    warm_up = product_store.Loading(engine, uuid4(), "users")
    for page in product_store.decoded("users", people.user_pages(people.PAGE)):
        warm_up.store(page)
    loading = product_store.Loading(engine, uuid4(), "users")
    costs, walls = [], []
    for number in range(_WINDOWS):
        rows = product_store.decoded("users", people.user_pages(window, number * window))
        with Meter(job["admin"]) as meter:
            for page in rows:
                loading.store(page)
        costs.append((meter.cpu + meter.server_cpu) / window * 1e6)
        walls.append(meter.wall / window * 1e6)
    loading.finish()
    return {
        "rows": window * _WINDOWS,
        "first_cpu_us": costs[0],
        "last_cpu_us": costs[-1],
        "cpu_growth": costs[-1] / costs[0],
        "first_wall_us": walls[0],
        "last_wall_us": walls[-1],
        "wall_growth": walls[-1] / walls[0],
    }
