"""Registers the fixture families; each starts its service on first use and stops it at the end."""

import gc
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
]

# No test fails because the machine is slow.
settings.register_profile("kanri", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kanri")


@pytest.fixture(scope="module", autouse=True)
def _garbage_is_collected_where_it_is_made() -> Iterator[None]:
    """What a file leaves behind ends with it, and is not collected in the middle of a later test.

    A connection whose event loop has ended is all that this passes over.
    """
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed", ResourceWarning)
        gc.collect()
