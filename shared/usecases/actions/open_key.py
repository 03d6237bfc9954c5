"""Opening a key for many tenants: it is made and shown to who asks, and opens nothing until then."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.approval import Action, CarriedOut, Effect, Params
from shared.core.clock import written
from shared.core.errors import Conflict
from shared.core.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Acts that only look; whatever else a key may do is power over others.
_LOOKS = ("read", "personal")


def effect(engine: "Engine", params: Params) -> Effect:
    """Return what the key would open. Conflict if it waits no more: it was revoked, or is open."""
    from shared.core import clock
    from shared.store.registers.api_keys import ApiKeys

    key = ApiKeys(engine).get(UUID(params["keyId"]))
    if key.ended(clock.now()) != "waiting":
        raise Conflict("key_ended", parameter="id", value=str(key.key_id))
    ends = "" if key.expires_at is None else written(key.expires_at)
    return Effect(
        tenants=key.tenant_ids,
        privileged=tuple(one for one in key.permissions if not one.endswith(_LOOKS)),
        items=(key.name, str(key.key_id), *key.permissions, *(key.ranges or ()), ends),
    )


def carry_out(engine: "Engine", params: Params, _requested_by: str, _now: datetime) -> CarriedOut:
    """Let the key be taken from now on."""
    from shared.store.registers.waiting_keys import open_key

    open_key(engine, UUID(params["keyId"]))
    return CarriedOut()


def call_off(engine: "Engine", params: Params) -> None:
    """Revoke the key."""
    from shared.store.registers.api_keys import ApiKeys

    ApiKeys(engine).revoke(UUID(params["keyId"]))


ACTION = Action(
    title=Text("Make an API key for many tenants", "多数のテナントを対象とする API キーの作成"),
    effect=effect,
    carry_out=carry_out,
    call_off=call_off,
)
