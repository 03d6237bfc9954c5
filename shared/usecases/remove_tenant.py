"""Removes a tenant, and on request everything that was collected from it."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.work import DEPLOYMENT
from shared.usecases.purge_tenant import KIND

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.store.work.jobs import Asked

PURGE = "tenant.purge"


def remove_tenant(engine: "Engine", tenant_id: UUID) -> None:
    """Mark the tenant removed, so that workers stop. Safe to repeat; NotFound if it was never added."""
    from shared.store.registers.tenants import Tenants

    Tenants(engine).set_state(tenant_id, "removed")


def remove_and_purge(engine: "Engine", tenant_id: UUID, by: str, now: "datetime") -> "Asked":
    """Remove the tenant and ask for its data to be deleted, both or neither; return the job.

    Safe to repeat; NotFound if it was never added.
    """
    from shared.store.session.sessions import joined
    from shared.store.work.jobs import Jobs

    with joined(engine):
        remove_tenant(engine, tenant_id)
        return Jobs(engine).ask(DEPLOYMENT, KIND, [str(tenant_id)], now, act=PURGE, asked_by=by)
