"""Has an action wait for a second person, where its effect is so large that it takes one.

That is so where `KANRI_APPROVALS` says `on`, or `auto` and there are two people or more who could
approve: who has the deployment for himself has nobody to ask.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.core.access import Caller
from shared.core.approval import ACTIONS, Effect, Limits, Params
from shared.core.registry import of
from shared.core.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.approvals import Approval

DECIDES = "approval:decide"
# With one alone there is nobody who could approve of what he asks for.
_ENOUGH = 2


def in_force(engine: "Engine", settings: Settings, now: datetime) -> bool:
    """Tell whether anything takes a second person here."""
    from shared.store.registers.persons import people_with

    if settings.approvals != "auto":
        return settings.approvals == "on"
    return people_with(engine, DECIDES, now) >= _ENOUGH


def ask_if_needed(
    engine: "Engine",
    settings: Settings,
    action: str,
    params: Params,
    caller: Caller,
    now: datetime,
) -> "Approval | None":
    """Return what waits for a second person from now on; None if the action may be done at once."""
    if not in_force(engine, settings, now):
        return None
    effect = of(ACTIONS)[action].effect(engine, params)
    if not limits_of(settings).reached_by(effect):
        return None
    return ask(engine, settings, action, params, effect, caller, now)


def ask(
    engine: "Engine",
    settings: Settings,
    action: str,
    params: Params,
    effect: Effect,
    caller: Caller,
    now: datetime,
) -> "Approval":
    """Have the action wait for a second person, however large its effect; return what waits."""
    from shared.store.registers.approvals import Approvals, Requester
    from shared.store.registers.persons import persons_behind

    requester = Requester(caller.name, persons_behind(engine, caller), caller.key_id)
    expires_at = now + timedelta(hours=settings.approval_hours)
    return Approvals(engine).ask(action, params, effect, requester, now=now, expires_at=expires_at)


def limits_of(settings: Settings) -> Limits:
    """Return from which effect on a second person is asked."""
    return Limits(
        settings.approval_from_tenants,
        settings.approval_from_objects,
        settings.approval_from_privileged,
    )
