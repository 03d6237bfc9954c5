"""Keeping less of a tenant's history: its effect is what the next run would take away, counted now."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from shared.core import clock
from shared.core.approval import Action, CarriedOut, Effect, Params
from shared.core.registry import collector
from shared.core.retention import Retention
from shared.core.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Engine


def params_of(tenant_id: UUID, policies: Mapping[str, Retention]) -> Params:
    """Return what the action is asked for with: all policies that the tenant is to have."""
    return {"tenantId": str(tenant_id), "policies": msgspec.json.encode(policies).decode()}


def effect(engine: "Engine", params: Params) -> Effect:
    """Return the rows that would go, by dataset, and from which to which policy each changes."""
    from shared.store.datasets.retaining import Retaining
    from shared.store.registers.tenant_retention import TenantRetention
    from shared.store.registers.tenants import Tenants

    tenant_id, wanted = UUID(params["tenantId"]), _policies(params)
    before = TenantRetention(engine).of(tenant_id)
    going = Retaining(engine, tenant_id).preview(clock.now(), wanted)
    counts = {one.dataset: one.versions + one.rows for one in going}
    return Effect(
        tenants=(tenant_id,),
        objects=sum(counts.values()),
        counts={name: rows for name, rows in counts.items() if rows},
        items=(Tenants(engine).get(tenant_id).display_name, *_changes(before, wanted)),
    )


def carry_out(engine: "Engine", params: Params, _requested_by: str, _now: datetime) -> CarriedOut:
    """Set the policies; the next run goes by them."""
    from shared.store.registers.tenant_retention import TenantRetention

    TenantRetention(engine).replace(UUID(params["tenantId"]), _policies(params), lambda _: None)
    return CarriedOut()


def _policies(params: Params) -> dict[str, Retention]:
    return msgspec.json.decode(params["policies"], type=dict[str, Retention])


def _changes(before: Mapping[str, Retention], after: Mapping[str, Retention]) -> list[str]:
    from shared.store.registers.tenant_retention import in_force

    found = []
    for name in sorted({*before, *after}):
        one = collector(name)
        was, then = in_force(one, before), in_force(one, after)
        if was != then:
            found.append(f"{name}: {_words(was)} -> {_words(then)}")
    return found


def _words(policy: Retention) -> str:
    return ", ".join(f"{name} {value}" for name, value in policy.told().items()) or "all"


ACTION = Action(
    title=Text("Keep less of a tenant's history", "テナントの履歴の保持期間の短縮"),
    effect=effect,
    carry_out=carry_out,
)
