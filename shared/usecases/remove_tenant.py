"""Removes a tenant, and on request everything that was collected from it."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.work import DEPLOYMENT
from shared.usecases.purge_tenant import KIND

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.core.access import Caller
    from shared.core.settings import Settings
    from shared.store.registers.approvals import Approval
    from shared.store.work.jobs import Asked

PURGE = "tenant.purge"


def remove_tenant(engine: "Engine", tenant_id: UUID) -> None:
    """Mark the tenant removed, so that workers stop. Repeatable; NotFound if it was never added."""
    from shared.store.registers.tenants import Tenants

    Tenants(engine).set_state(tenant_id, "removed")


def remove_and_purge(
    engine: "Engine", settings: "Settings", tenant_id: UUID, caller: "Caller", now: "datetime"
) -> "Asked | Approval":
    """Remove the tenant and ask for its data to be deleted, both or neither; return the job.

    Where that takes a second person it returns what waits for him; the tenant is removed already.
    Safe to repeat; NotFound if it was never added. Conflict while anything of it is held (a legal
    hold): it is not removed then either.
    """
    from shared.store.session.joining import joined
    from shared.usecases.ask_approval import ask_if_needed

    with joined(engine):
        remove_tenant(engine, tenant_id)
        params = {"tenantId": str(tenant_id)}
        waiting = ask_if_needed(engine, settings, "purge_tenant", params, caller, now)
        return waiting or ask_for_purge(engine, tenant_id, caller.name, now)


def ask_for_purge(engine: "Engine", tenant_id: UUID, by: str, now: "datetime") -> "Asked":
    """Ask for the data of a removed tenant to be deleted; return the job. Conflict if it is held."""
    from shared.store.registers.legal_holds import require_no_hold
    from shared.store.session.sessions import tenant_session
    from shared.store.work.jobs import Jobs

    with tenant_session(engine, tenant_id) as connection:
        require_no_hold(connection, tenant_id)

    return Jobs(engine).ask(DEPLOYMENT, KIND, [str(tenant_id)], now, act=PURGE, asked_by=by)
