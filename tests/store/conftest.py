"""A database with the tests' own catalogue, cloned per test, and one tenant in it."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.core.settings import Settings
from shared.store.schema.migrate import migrate
from shared.store.session.engine import open_engine
from tests.fixtures.postgres import copied_database
from tests.store.catalogue import COLLECTORS, REPORTS
from tests.store.tenant_data import TenantData

ROLE, PASSWORD, READER = "store_app", "store-test", "store_reader"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def small_template(postgres_server: Postgres) -> str:
    """The name of a database with the tests' catalogue and no rows."""
    postgres_server.create_database("small")
    migrate(
        postgres_server.url("small"),
        app_role=ROLE,
        app_password=PASSWORD,
        reader_role=READER,
        collectors=COLLECTORS.values(),
        reports=REPORTS,
    )
    return "small"


@pytest.fixture
def database(postgres_server: Postgres, small_template: str) -> Iterator[str]:
    """The name of an empty database of this test's own."""
    name = f"small_{next(_numbers)}"
    with copied_database(postgres_server, name, small_template):
        yield name


@pytest.fixture
def owner_url(postgres_server: Postgres, database: str) -> str:
    """The superuser's URL of `database`."""
    return postgres_server.url(database)


@pytest.fixture
def engine(postgres_server: Postgres, database: str) -> Iterator[Engine]:
    """The application role's engine on `database`."""
    pool = open_engine(Settings(database_url=postgres_server.url(database, ROLE, PASSWORD)))
    yield pool
    pool.dispose()


@pytest.fixture
def tenant(engine: Engine) -> TenantData:
    """A tenant in `database`."""
    return TenantData(engine)
