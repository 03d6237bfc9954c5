"""Lifting a legal hold: from then on what it kept may be thinned, dropped, erased and purged."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.approval import Action, CarriedOut, Effect, Params
from shared.core.clock import written
from shared.core.errors import Conflict
from shared.core.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Engine


def effect(engine: "Engine", params: Params) -> Effect:
    """Return what the hold is. Conflict if it is lifted already."""
    from shared.store.registers.legal_holds import LegalHolds

    tenant_id = UUID(params["tenantId"])
    hold = LegalHolds(engine, tenant_id).get(UUID(params["holdId"]))
    if not hold.lasts:
        raise Conflict("hold_lifted", parameter="id", value=str(hold.hold_id))
    held = ("all",) if hold.datasets is None else hold.datasets
    placed = (hold.placed_by, written(hold.placed_at))
    return Effect(tenants=(tenant_id,), items=(str(hold.hold_id), hold.reason, *placed, *held))


def carry_out(engine: "Engine", params: Params, requested_by: str, now: datetime) -> CarriedOut:
    """Lift it."""
    from shared.store.registers.legal_holds import LegalHolds

    holds = LegalHolds(engine, UUID(params["tenantId"]))
    holds.lift(UUID(params["holdId"]), requested_by, now)
    return CarriedOut()


ACTION = Action(
    title=Text("Lift a legal hold", "訴訟ホールドの解除"),
    effect=effect,
    carry_out=carry_out,
)
