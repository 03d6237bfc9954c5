"""Registers the fixture families; each starts its service on first use and stops it at the end."""

pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.azurite",
    "tests.fixtures.sandbox",
    "tests.fixtures.certificate",
    "tests.fixtures.store",
    "tests.fixtures.graph",
    "tests.fixtures.collecting",
]
