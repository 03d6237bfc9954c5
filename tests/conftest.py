"""Registers the fixture families; each starts its service on first use and stops it at the end."""

import gc
import os
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.azurite",
    "tests.fixtures.sandbox",
    "tests.fixtures.certificate",
    "tests.fixtures.store",
    "tests.fixtures.gate",
    "tests.fixtures.graph",
    "tests.fixtures.hostile_hosts",
    "tests.fixtures.writing",
    "tests.fixtures.collecting",
    "tests.fixtures.tracing",
    "tests.fixtures.debian_postgres",
    "tests.fixtures.browser",
]

# No test fails because the machine is slow.
settings.register_profile("kanri", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kanri")


# What a worker waits for is mostly a process that it has started.
_WORKERS_PER_CORE = 2


def pytest_xdist_auto_num_workers() -> int | None:
    """Return how many workers `-n auto` starts; None leaves it to xdist and its own variable."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return max(2, (os.process_cpu_count() or 1) * _WORKERS_PER_CORE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first, in whatever order they are: begun last they would be waited for.

    A file stays together, as xdist hands files out (`--dist loadfile --no-loadscope-reorder`).
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Let the garbage collector pass by what collecting has made: it stays to the end of the run.

    Of 700,000 objects each look takes 0.2 seconds, and there is one after every file at least.
    """
    gc.disable()
    found = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return found


@pytest.fixture(scope="module", autouse=True)
def _garbage_is_collected_where_it_is_made() -> Iterator[None]:
    """What a file leaves behind ends with it, and is not collected in the middle of a later test.

    A connection whose event loop has ended is all that this passes over.
    """
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        gc.collect()
