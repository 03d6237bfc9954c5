"""Finds a connected tenant; a removed one counts as unknown."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.errors import NotFound

if TYPE_CHECKING:
    from shared.store.tenants import Tenant, Tenants


def find_tenant(tenants: "Tenants", tenant_id: UUID) -> "Tenant":
    """Return the tenant; NotFound if it was never added or has been removed."""
    tenant = tenants.get(tenant_id)
    if tenant.state == "removed":
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
    return tenant
