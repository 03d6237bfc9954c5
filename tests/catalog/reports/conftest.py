"""The product's database with the tests' tenant in it."""

import pytest
from sqlalchemy import Engine

from shared.store.registers.tenants import Tenants
from tests.catalog.reports.answers import TENANT


@pytest.fixture
def engine(app_engine: Engine) -> Engine:
    """The application role's engine; the tenant is connected."""
    Tenants(app_engine).add(TENANT, "Contoso")
    return app_engine
