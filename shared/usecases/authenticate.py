"""Turns the credentials of a request into a caller: an API key or an Entra access token."""

from typing import TYPE_CHECKING

from shared.core import clock
from shared.core.access import Caller, known_permissions, permissions_of
from shared.core.errors import Unauthenticated
from shared.core.logs import log
from shared.usecases.check_tenant import state_of

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from shared.core.coverage import TenantState
    from shared.identity.access_tokens import AccessTokens

KEY_PREFIX = "kanri_"

# Entra keeps its tokens well below this; whatever is longer is not worth decoding.
MAX_TOKEN_CHARACTERS = 16_384


def authenticate_key(
    plain: str, engine: "Engine", tenant_id: "UUID | None" = None
) -> "tuple[Caller, TenantState | None]":
    """Return the caller of an API key, and the state of the tenant that he asks about, in one go.

    A tenant that was never added has no state. Unauthenticated if the key is unknown, expired or
    revoked.
    """
    from shared.store.registers.api_keys import ApiKeys

    found = ApiKeys(engine).authenticate_for(plain, tenant_id) if plain.isascii() else None
    if found is None:
        raise Unauthenticated("key_invalid")
    key, tenant_state = found
    if (reason := key.ended(clock.now())) is not None:
        log("key_refused", caller=f"key:{key.key_id}", reason=reason)
        raise Unauthenticated("key_invalid")
    tenants = None if key.tenant_ids is None else frozenset(key.tenant_ids)
    permissions = known_permissions(key.permissions)
    name = f"key:{key.key_id}"
    until, key_id = key.expires_at, key.key_id
    return Caller("key", name, permissions, tenants, until=until, key_id=key_id), tenant_state


def authenticate_token(
    token: str,
    tokens: "AccessTokens",
    engine: "Engine",
    home_tenant_id: "UUID | None",
) -> Caller:
    """Return the caller of an Entra access token.

    A token of the home tenant sees every tenant, one of another connected tenant its own only; any
    other tenant's token is refused before its signing keys are even fetched.
    """
    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        raise Unauthenticated("token_invalid", reason="not a token of Entra")
    tenant_id = tokens.tenant_of(token)
    is_home = tenant_id == home_tenant_id
    if not is_home and state_of(engine, tenant_id) in (None, "removed"):
        raise Unauthenticated("token_foreign")
    claims = tokens.verify(token, tenant_id)
    scope = None if is_home else frozenset({tenant_id})
    name = f"token:{tenant_id}:{claims.subject}"
    return Caller("token", name, permissions_of(claims.roles), scope)
