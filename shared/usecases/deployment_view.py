"""What those look through who tell how Kanri itself stands: checks of posture, and integrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.settings import Settings
    from shared.store.registers.reach import ReachedTenant


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentView:
    """The database, the settings, and the tenants to tell of; nothing outside is asked.

    `storage` is the connection string of the storage account, empty without one.
    """

    engine: "Engine"
    settings: "Settings"
    storage: str
    tenants: Sequence["ReachedTenant"]
    now: datetime

    @property
    def active(self) -> list[UUID]:
        """Return the tenants that are collected from."""
        return [tenant.tenant_id for tenant in self.tenants if tenant.state == "active"]
