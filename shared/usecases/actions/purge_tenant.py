"""Deleting all that is kept of a removed tenant: its effect is every row of it, counted now."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.approval import Action, CarriedOut, Effect, Params
from shared.core.errors import Conflict
from shared.core.text import Text
from shared.usecases.remove_tenant import ask_for_purge

if TYPE_CHECKING:
    from sqlalchemy import Engine


def effect(engine: "Engine", params: Params) -> Effect:
    """Return the rows that would go, by table. Conflict if the tenant is connected again.

    Until it was removed, collecting went on and no count was exact; now it stays as it is.
    """
    from shared.store.registers.purge import count_rows
    from shared.store.registers.tenants import Tenants

    tenant = Tenants(engine).get(UUID(params["tenantId"]))
    if tenant.state != "removed":
        raise Conflict("tenant_not_removed", parameter="tenant", value=str(tenant.tenant_id))
    counts = count_rows(engine, tenant.tenant_id)
    return Effect(
        tenants=(tenant.tenant_id,),
        objects=sum(counts.values()),
        counts=counts,
        items=(tenant.display_name, str(tenant.tenant_id)),
    )


def carry_out(engine: "Engine", params: Params, requested_by: str, now: datetime) -> CarriedOut:
    """Ask for the purge; the job is the requester's."""
    from shared.usecases.dispatch import outgoing

    asked = ask_for_purge(engine, UUID(params["tenantId"]), requested_by, now)
    return CarriedOut(tuple(outgoing(asked.claims)), asked.job.job_id)


ACTION = Action(
    title=Text("Delete all data of a tenant", "テナントの全データの削除"),
    effect=effect,
    carry_out=carry_out,
)
