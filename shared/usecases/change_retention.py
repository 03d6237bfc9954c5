"""Sets how long a tenant's datasets are kept; keeping less of one waits for a second person."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.access import Caller
from shared.core.registry import collector, kept
from shared.core.retention import Retention
from shared.core.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.approvals import Approval
    from shared.store.registers.legal_holds import LegalHold

type Policies = Mapping[str, Retention]


def change_retention(
    engine: "Engine",
    settings: Settings,
    tenant_id: UUID,
    policies: Policies,
    caller: Caller,
    now: datetime,
    check: Callable[[Policies], None],
) -> "Approval | None":
    """Set `policies` instead of all that is set; return what waits, None if it holds from now on.

    `check` is asked about what is set; what it raises changes nothing.
    """
    from shared.store.registers.tenant_retention import TenantRetention, in_force
    from shared.store.session.joining import joined
    from shared.usecases import ask_approval
    from shared.usecases.actions.change_retention import effect, params_of

    own = TenantRetention(engine)
    with joined(engine):
        before = own.of(tenant_id)
        every = map(collector, kept())
        less = any(in_force(one, policies).keeps_less(in_force(one, before)) for one in every)
        if not less or not ask_approval.in_force(engine, settings, now):
            own.replace(tenant_id, policies, check)
            return None
        check(before)
        params = params_of(tenant_id, policies)
        action = "change_retention"
        seen = effect(engine, params)
        return ask_approval.ask(engine, settings, action, params, seen, caller, now)


def lift_hold(
    engine: "Engine",
    settings: Settings,
    tenant_id: UUID,
    hold_id: UUID,
    caller: Caller,
    now: datetime,
) -> "tuple[LegalHold, Approval | None]":
    """Lift a legal hold; return it, and what waits where that takes a second person.

    NotFound if there is none, Conflict if it is lifted already.
    """
    from shared.store.registers.legal_holds import LegalHolds
    from shared.store.session.joining import joined
    from shared.usecases.actions.lift_hold import effect
    from shared.usecases.ask_approval import ask, in_force

    holds = LegalHolds(engine, tenant_id)
    with joined(engine):
        params = {"tenantId": str(tenant_id), "holdId": str(hold_id)}
        seen = effect(engine, params)
        if not in_force(engine, settings, now):
            return holds.lift(hold_id, caller.name, now), None
        waiting = ask(engine, settings, "lift_hold", params, seen, caller, now)
        return holds.get(hold_id), waiting
