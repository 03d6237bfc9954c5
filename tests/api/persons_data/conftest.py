"""Ann among others in a database that is an own one for each test."""

from collections.abc import Iterator
from copy import replace

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core.settings import Settings
from tests.api.conftest import Api, KeyMaker
from tests.api.doors import Doors
from tests.api.persons_data.ann import seed


@pytest.fixture
def people(api: Api) -> Api:
    seed(api.doors.engine)
    return api


@pytest.fixture
def strict(people: Api, app_settings: Settings) -> Api:
    return replace(people, doors=Doors(people.doors.engine, replace(app_settings, approvals="on")))


@pytest.fixture
def second(strict: Api, make_key: KeyMaker) -> Api:
    return strict.as_caller(x_api_key=make_key("approval:read", "approval:decide"))


@pytest.fixture
def owner(postgres_server: Postgres, app_settings: Settings) -> Iterator[psycopg.Connection]:
    name = app_settings.database_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        yield connection
