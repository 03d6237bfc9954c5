"""Removes a tenant, and on request everything that was collected from it."""

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from shared.store.registers.tenants import Tenants


def remove_tenant(tenants: "Tenants", tenant_id: UUID, *, purge: bool) -> None:
    """Mark the tenant removed, so that workers stop; then purge. Safe to repeat.

    Raises NotFound if the tenant was never added.
    """
    tenants.set_state(tenant_id, "removed")
    if purge:
        tenants.purge(tenant_id)
