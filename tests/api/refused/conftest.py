"""One database for all tests of a file: nothing here is to leave a trace in it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from tests.api.doors import Doors


@pytest.fixture(scope="module")
def app_settings(fresh_database: Callable[[], Settings]) -> Settings:
    """One database for all: nothing here is to leave a trace in it."""
    return fresh_database()


@pytest.fixture(scope="module")
def app_engine(app_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(app_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def doors(app_engine: Engine, app_settings: Settings, azurite: str) -> Doors:
    """With storage: what is refused is refused for what was asked, not for want of a place."""
    return Doors(app_engine, app_settings, azurite)
