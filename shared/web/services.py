"""What handlers may call: the doors, each built on first use. `shared.wiring` is the one of the app."""

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.settings import Settings
    from shared.graph.client import GraphClient
    from shared.identity.access_tokens import AccessTokens
    from shared.store.answers.reports import Reports
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.registers.health import Health
    from shared.store.registers.secrets import Secrets
    from shared.store.registers.tenants import Tenants
    from shared.store.work.dead_letters import DeadLetters
    from shared.store.work.runs import Runs


class Services(Protocol):
    """The doors by name; a module with these functions is one."""

    engine: "Engine"

    def settings(self) -> "Settings": ...
    def access_tokens(self) -> "AccessTokens": ...
    def api_keys(self) -> "ApiKeys": ...
    def tenants(self) -> "Tenants": ...
    def secrets(self) -> "Secrets": ...
    def runs(self) -> "Runs": ...
    def reports(self) -> "Reports": ...
    def dead_letters(self) -> "DeadLetters": ...
    def health(self) -> "Health": ...
    def fresh_graph(self, tenant_id: UUID) -> "GraphClient": ...
