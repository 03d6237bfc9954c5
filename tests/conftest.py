"""Registers the fixture families; each starts its service on first use and stops it at the end."""

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.azurite",
    "tests.fixtures.sandbox",
    "tests.fixtures.certificate",
    "tests.fixtures.store",
    "tests.fixtures.graph",
    "tests.fixtures.collecting",
]

# No test fails because the machine is slow.
settings.register_profile("kanri", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kanri")
