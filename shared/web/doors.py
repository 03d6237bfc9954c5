"""The doors that handlers go through, each built on first use. `shared.wiring` has those of the app.

What lies behind a door is built from it: `Tenants(doors.engine)`.
"""

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.control.audit_heads import AuditHeads
    from shared.core.sealing import Keyring
    from shared.core.settings import Settings
    from shared.graph.client import GraphClient
    from shared.identity.access_tokens import AccessTokens
    from shared.store.audit.log import AuditLog
    from shared.store.registers.secrets import Secrets
    from shared.usecases.limit_requests import Limits
    from shared.usecases.resolve_groups import KnownGroups
    from shared.usecases.sample_requests import Samples
    from shared.vault.archive import Archive


class Doors(Protocol):
    """PostgreSQL, the audit log, the limits, what requests are counted in, our own tokens and secrets, and Microsoft Graph of a tenant."""

    @property
    def engine(self) -> "Engine": ...
    def settings(self) -> "Settings": ...
    def audit_heads(self) -> "AuditHeads": ...
    def archive(self) -> "Archive": ...
    def audit(self) -> "AuditLog": ...
    def limits(self) -> "Limits": ...
    def samples(self) -> "Samples": ...
    def access_tokens(self) -> "AccessTokens": ...
    def keyring(self) -> "Keyring": ...
    def secrets(self) -> "Secrets": ...
    def known_groups(self) -> "KnownGroups": ...
    def fresh_graph(self, tenant_id: UUID) -> "GraphClient": ...
