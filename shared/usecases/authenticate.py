"""Turns the credentials of a request into a caller: an API key or an Entra access token."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core import clock
from shared.core.access import Caller, known_permissions, permissions_of
from shared.core.errors import NotFound, Unauthenticated
from shared.core.logs import log

if TYPE_CHECKING:
    from uuid import UUID

    from shared.identity.access_tokens import AccessTokens
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.registers.tenants import Tenants

KEY_PREFIX = "kanri_"

# Entra keeps its tokens well below this; whatever is longer is not worth decoding.
MAX_TOKEN_CHARACTERS = 16_384


def authenticate_key(plain: str, keys: "ApiKeys") -> Caller:
    """Return the caller of an API key; Unauthenticated if it is unknown, expired or revoked."""
    key = keys.authenticate(plain) if plain.isascii() else None
    if key is None:
        raise Unauthenticated("key_invalid")
    if (reason := key.ended(clock.now())) is not None:
        log("key_refused", caller=f"key:{key.key_id}", reason=reason)
        raise Unauthenticated("key_invalid")
    tenants = None if key.tenant_ids is None else frozenset(key.tenant_ids)
    permissions = known_permissions(key.permissions)
    name = f"key:{key.key_id}"
    return Caller("key", name, permissions, tenants, until=key.expires_at, key_id=key.key_id)


def authenticate_token(
    token: str,
    tokens: "AccessTokens",
    tenants: "Callable[[], Tenants]",
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
    if not is_home and not _is_connected(tenants(), tenant_id):
        raise Unauthenticated("token_foreign")
    claims = tokens.verify(token, tenant_id)
    scope = None if is_home else frozenset({tenant_id})
    name = f"token:{tenant_id}:{claims.subject}"
    return Caller("token", name, permissions_of(claims.roles), scope)


def _is_connected(tenants: "Tenants", tenant_id: "UUID") -> bool:
    try:
        return tenants.get(tenant_id).state != "removed"
    except NotFound:
        return False
