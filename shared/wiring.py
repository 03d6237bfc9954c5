"""The composition root: builds each door once per worker, importing it on first use."""

from functools import cache, cached_property
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.settings import Settings
    from shared.graph.client import GraphClient
    from shared.identity.access_tokens import AccessTokens
    from shared.store.answers.reports import Reports
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.registers.budgets import Budgets
    from shared.store.registers.health import Health
    from shared.store.registers.secrets import Secrets
    from shared.store.registers.tenants import Tenants
    from shared.store.work.dead_letters import DeadLetters
    from shared.store.work.runs import Runs
    from shared.usecases.doors import WorkDoors


@cache
def logs() -> None:
    """Set up logging and what telemetry may not hold; every trigger calls it first."""
    from shared.core.logs import configure_logs
    from shared.core.redaction import redact_spans

    configure_logs(settings().log_level)
    redact_spans()


def settings() -> "Settings":
    """Return the settings of this process."""
    from shared.core.settings import settings as read

    return read()


@cache
def access_tokens() -> "AccessTokens":
    """Return the check of access tokens for our own API, with the signing keys it has fetched."""
    from shared.identity.access_tokens import AccessTokens

    return AccessTokens(settings())


@cache
def engine() -> "Engine":
    """Return the pool of timers and queues; HTTP has one of its own."""
    from shared.store.session.engine import open_engine

    return open_engine(settings())


@cache
def budgets() -> "Budgets":
    """Return the Graph request budgets that all workers share."""
    from shared.store.registers.budgets import Budgets

    return Budgets(engine())


@cache
def graph(tenant_id: UUID) -> "GraphClient":
    """Return Microsoft Graph of one tenant; it lives on the worker's event loop."""
    return _graph_client(tenant_id, budgets())


def _graph_client(tenant_id: UUID, budgets: "Budgets") -> "GraphClient":
    from shared.graph.client import GraphClient
    from shared.graph.governor import Governor
    from shared.usecases.spend_budget import SharedPurse

    purse = SharedPurse(budgets, settings().client_id, tenant_id)
    return GraphClient(settings(), tenant_id, Governor(purse, purse.users))


@cache
def work_doors() -> "WorkDoors":
    """Return the doors that work goes through."""
    from shared.usecases.doors import WorkDoors

    seconds = settings().collect_slice_seconds
    return WorkDoors(engine=engine(), graph=graph, slice_seconds=seconds)


@cache
def web_doors() -> "WebDoors":
    """Return the doors of the HTTP functions."""
    from shared.store.session.engine import open_engine

    return WebDoors(open_engine(settings(), settings().web_pool_size))


class WebDoors:
    """The doors of the HTTP functions (see web.services), on a pool that no collection can exhaust."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine

    def settings(self) -> "Settings":
        """Return the settings of this process."""
        return settings()

    def access_tokens(self) -> "AccessTokens":
        """Return the check of access tokens for our own API."""
        return access_tokens()

    def api_keys(self) -> "ApiKeys":
        """Return the API keys."""
        from shared.store.registers.api_keys import ApiKeys

        return ApiKeys(self.engine)

    def tenants(self) -> "Tenants":
        """Return the list of tenants."""
        from shared.store.registers.tenants import Tenants

        return Tenants(self.engine)

    @cached_property
    def _secrets(self) -> "Secrets":
        from shared.store.registers.secrets import Secrets

        return Secrets(self.engine)

    def secrets(self) -> "Secrets":
        """Return the secrets that all instances share; each is read once."""
        return self._secrets

    def runs(self) -> "Runs":
        """Return the runs and their ledger."""
        from shared.store.work.runs import Runs

        return Runs(self.engine)

    def reports(self) -> "Reports":
        """Return what answers reports."""
        from shared.store.answers.reports import Reports

        return Reports(self.engine)

    def dead_letters(self) -> "DeadLetters":
        """Return the messages that were given up."""
        from shared.store.work.dead_letters import DeadLetters

        return DeadLetters(self.engine)

    def health(self) -> "Health":
        """Return the database's health check."""
        from shared.store.registers.health import Health

        return Health(self.engine)

    def fresh_graph(self, tenant_id: UUID) -> "GraphClient":
        """Return a client of one tenant's Graph for whoever runs his own event loop, and closes it."""
        from shared.store.registers.budgets import Budgets

        return _graph_client(tenant_id, Budgets(self.engine))
