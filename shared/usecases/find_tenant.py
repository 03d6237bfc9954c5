"""Finds a connected tenant; a removed one counts as unknown."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.errors import NotFound

if TYPE_CHECKING:
    from shared.core.coverage import TenantState
    from shared.store.registers.tenants import Tenant, Tenants


def find_tenant(tenants: "Tenants", tenant_id: UUID) -> "Tenant":
    """Return the tenant; NotFound if it was never added or has been removed."""
    tenant = tenants.get(tenant_id)
    check_connected(tenant_id, tenant.state)
    return tenant


def check_connected(tenant_id: UUID, state: "TenantState | None") -> None:
    """Raise NotFound unless `state` is that of a connected tenant; None stands for an unknown one."""
    if state is None or state == "removed":
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
