"""Removes a tenant, and on request everything that was collected from it."""

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine


def remove_tenant(engine: "Engine", tenant_id: UUID, *, purge: bool) -> None:
    """Mark the tenant removed, so that workers stop; then purge. Safe to repeat.

    Raises NotFound if the tenant was never added.
    """
    from shared.store.registers.purge import purge as delete_everything
    from shared.store.registers.tenants import Tenants

    Tenants(engine).set_state(tenant_id, "removed")
    if purge:
        delete_everything(engine, tenant_id)
