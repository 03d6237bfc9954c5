"""The composition root: builds each door once per worker, importing it on first use."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.api_keys import ApiKeys
    from shared.store.budgets import Budgets
    from shared.store.dead_letters import DeadLetters
    from shared.store.health import Health
    from shared.store.loading import Loader
    from shared.store.reports import Reports
    from shared.store.runs import Runs
    from shared.store.tenants import Tenants


@cache
def engine() -> "Engine":
    """Return this worker's connection pool."""
    from shared.core.settings import settings
    from shared.store.engine import open_engine

    return open_engine(settings())


@cache
def tenants() -> "Tenants":
    """Return the list of tenants."""
    from shared.store.tenants import Tenants

    return Tenants(engine())


@cache
def runs() -> "Runs":
    """Return the runs and their ledger."""
    from shared.store.runs import Runs

    return Runs(engine())


@cache
def loader(dataset: str) -> "Loader":
    """Return the loader of `dataset`; NotFound if the catalogue has none."""
    from shared.core.registry import collector
    from shared.store.loading import Loader

    return Loader(engine(), collector(dataset))


@cache
def reports() -> "Reports":
    """Return what answers reports."""
    from shared.store.reports import Reports

    return Reports(engine())


@cache
def budgets() -> "Budgets":
    """Return the Graph request budgets that all workers share."""
    from shared.store.budgets import Budgets

    return Budgets(engine())


@cache
def api_keys() -> "ApiKeys":
    """Return the API keys."""
    from shared.store.api_keys import ApiKeys

    return ApiKeys(engine())


@cache
def dead_letters() -> "DeadLetters":
    """Return the messages that were given up."""
    from shared.store.dead_letters import DeadLetters

    return DeadLetters(engine())


@cache
def health() -> "Health":
    """Return the database's health check."""
    from shared.store.health import Health

    return Health(engine())
