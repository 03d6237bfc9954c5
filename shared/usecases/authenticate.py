"""Turns the credentials of a request into a caller: an API key or an Entra access token."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import clock
from shared.core.access import (
    Caller,
    Hold,
    Subject,
    known_permissions,
)
from shared.core.addresses import lies_in
from shared.core.errors import Unauthenticated
from shared.core.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Engine

    from shared.core.addresses import Address
    from shared.core.found_tenant import FoundTenant
    from shared.identity.access_tokens import AccessTokens, Claims
    from shared.store.registers.found_keys import FoundKey
    from shared.store.registers.holds import TokenStanding
    from shared.store.registers.known_access import Trust

KEY_PREFIX = "kanri_"
ENVIRONMENTS = ("live", "test")

# Entra keeps its tokens well below this; whatever is longer is not worth decoding.
MAX_TOKEN_CHARACTERS = 16_384


def authenticate_key(
    plain: str,
    engine: "Engine",
    tenant_id: UUID | None,
    environment: str,
    address: "Address | None",
    trust: "Trust",
) -> "tuple[Caller, FoundTenant | None]":
    """Return the caller of an API key, and the tenant that he asks about, in one go or from memory.

    None stands for a tenant that was never added. Unauthenticated if the key is unknown, expired or
    revoked, is one of another environment than this deployment's, or comes from another address
    than it may.
    """
    from shared.store.registers.found_keys import digest_of, find_key

    named = plain.removeprefix(KEY_PREFIX).partition("_")[0]
    if named in ENVIRONMENTS and named != environment:
        raise Unauthenticated("key_elsewhere", named=named, own=environment)
    found = trust.recall(
        ("key", digest_of(plain), tenant_id),
        lambda: find_key(engine, plain, tenant_id, address),
    )
    if found is None:
        raise Unauthenticated("key_invalid")
    key = found.key
    if (reason := key.ended(clock.now())) is not None:
        log("key_refused", caller=f"key:{key.key_id}", reason=reason)
        raise Unauthenticated("key_invalid", key_id=key.key_id)
    if key.ranges is not None and not lies_in(address, key.ranges):
        log("key_refused", caller=f"key:{key.key_id}", reason="address")
        raise Unauthenticated("key_address", key_id=key.key_id)
    return _caller_of(found), found.tenant


def _caller_of(found: "FoundKey") -> Caller:
    key = found.key
    tenants = None if key.tenant_ids is None else frozenset(key.tenant_ids)
    own = Hold(known_permissions(key.permissions), tenants)
    return Caller(
        "key",
        f"key:{key.key_id}",
        (own, *found.holds),
        until=key.expires_at,
        key_id=key.key_id,
        subject=Subject("key", key.key_id),
        ranges=key.ranges,
    )


def authenticate_token(
    token: str,
    tokens: "AccessTokens",
    engine: "Engine",
    home_tenant_id: UUID | None,
    tenant_id: UUID | None,
    groups_of: "Callable[[Subject], frozenset[UUID]]",
    trust: "Trust",
) -> "tuple[Caller, FoundTenant | None]":
    """Return the caller of an Entra access token, and the tenant that he asks about.

    App roles of a token of the home tenant count on every tenant, those of another connected
    tenant on that one only, and so do its memberships; any other tenant's token is refused before
    its signing keys are even fetched. Where groups matter and are too many for the token,
    `groups_of` is asked.
    """
    from shared.store.registers.found_tenants import state_of

    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        raise Unauthenticated("token_invalid", reason="not a token of Entra")
    directory = tokens.tenant_of(token)
    is_home = directory == home_tenant_id
    if not is_home:
        found = trust.recall(("directory", directory), lambda: state_of(engine, directory))
        if found is None or found.state in (None, "removed"):
            raise Unauthenticated("token_foreign")
    claims = tokens.verify(token, directory)
    subject = _subject(claims)
    within = None if is_home else directory
    standing = _standing(engine, subject, claims.groups or (), tenant_id, within, trust)
    if claims.groups is None and standing.groups_matter:
        groups = groups_of(subject)
        standing = _standing(engine, subject, groups, tenant_id, within, trust)
    name = f"token:{directory}:{claims.subject}"
    holds = (*_app_roles(claims, within), *standing.holds)
    return Caller("token", name, holds, subject=subject), standing.tenant


def _standing(
    engine: "Engine",
    subject: Subject,
    groups: "Collection[UUID]",
    tenant_id: UUID | None,
    within: UUID | None,
    trust: "Trust",
) -> "TokenStanding":
    from shared.store.registers.holds import standing_of

    found = trust.recall(
        ("token", subject, frozenset(groups), tenant_id, within),
        lambda: standing_of(engine, subject, groups, tenant_id, within),
    )
    assert found is not None  # noqa: S101  (whoever holds nothing is told so)
    return found


def _subject(claims: "Claims") -> Subject:
    try:
        subject_id = UUID(claims.subject)
    except ValueError:
        raise Unauthenticated("token_invalid", reason="it names no object of Entra") from None
    return Subject("app" if claims.is_app else "user", subject_id, claims.tenant_id)


def _app_roles(claims: "Claims", within: UUID | None) -> tuple[Hold, ...]:
    from shared.core.role_permissions import APP_ROLES, permissions_of

    tenants = None if within is None else frozenset({within})
    return tuple(
        Hold(permissions_of([name]), tenants, "app_role", APP_ROLES[name])
        for name in dict.fromkeys(claims.roles)
        if name in APP_ROLES
    )
