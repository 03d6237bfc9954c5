"""Makes an API key; one for many tenants waits for a second person, where actions do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.access import Caller
from shared.core.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.approvals import Approval
    from shared.store.registers.found_keys import ApiKey


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key with its text, which is kept nowhere, and what it waits for, if anything."""

    plain: str
    key: "ApiKey"
    waits_for: "Approval | None"


def make_key(
    engine: "Engine",
    settings: Settings,
    name: str,
    *,
    permissions: Sequence[str],
    tenant_ids: Sequence[UUID] | None,
    expires_at: datetime,
    ranges: Sequence[str] | None,
    maker: Caller,
    now: datetime,
) -> MadeKey:
    """Make a key and, if it takes a second person, have it wait: both or neither.

    Raises what `ApiKeys.create` does. The caller has checked that `maker` may.
    """
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.session.joining import joined
    from shared.usecases.ask_approval import in_force, limits_of

    waits = limits_of(settings).many(tenant_ids) and in_force(engine, settings, now)
    with joined(engine):
        plain, key = ApiKeys(engine).create(
            name,
            environment="live" if settings.key_environment == "live" else "test",
            permissions=permissions,
            tenant_ids=tenant_ids,
            expires_at=expires_at,
            ranges=ranges,
            maker=maker,
            waits=waits,
        )
        waiting = _ask(engine, settings, key, maker, now) if waits else None
    return MadeKey(plain, key, waiting)


def _ask(
    engine: "Engine", settings: Settings, key: "ApiKey", maker: Caller, now: datetime
) -> "Approval":
    from shared.usecases.actions.open_key import effect
    from shared.usecases.ask_approval import ask

    params = {"keyId": str(key.key_id)}
    return ask(engine, settings, "open_key", params, effect(engine, params), maker, now)
