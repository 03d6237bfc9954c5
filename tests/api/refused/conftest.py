"""One database for all tests of a file: nothing here is to leave a trace in it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from shared.core.settings import Settings
from shared.store.session.engine import open_engine


@pytest.fixture(scope="module")
def app_settings(fresh_database: Callable[[], Settings]) -> Settings:
    """One database for all: nothing here is to leave a trace in it."""
    return fresh_database()


@pytest.fixture(scope="module")
def app_engine(app_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(app_settings)
    yield engine
    engine.dispose()
