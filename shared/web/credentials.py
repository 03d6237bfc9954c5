"""Who is asking: the credentials of a request, an API key or a token of Entra.

The one place that looks for credentials: another kind (the session of a page) is told apart here.
"""

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.access import Caller
from shared.core.addresses import Address, client_address
from shared.core.errors import BadRequest, Unauthenticated
from shared.usecases.authenticate import KEY_PREFIX, authenticate_key, authenticate_token
from shared.web.http import Request
from shared.web.route import tenant_in_path

if TYPE_CHECKING:
    from shared.core.found_tenant import FoundTenant
    from shared.core.settings import Settings
    from shared.store.registers.known_access import Trust
    from shared.web.doors import Doors


def identify(
    request: Request, doors: "Doors", trust: "Trust"
) -> "tuple[Caller, FoundTenant | None]":
    """Return who asks, and the tenant in the path.

    The tenant is None for an unknown tenant, and where none is named. Both take one round trip, for a
    token of a connected tenant two, and none where they are remembered and may be taken on trust; who
    is in too many groups for his token waits for Graph now and then. Raises Unauthenticated.
    """
    credential, tenant_id = _credential(request), _tenant_named(request)
    settings = doors.settings()
    if credential.startswith(KEY_PREFIX):
        address, environment = address_of(request, settings), settings.key_environment
        return authenticate_key(credential, doors.engine, tenant_id, environment, address, trust)
    home = settings.home_tenant_id
    return authenticate_token(
        credential,
        doors.access_tokens(),
        doors.engine,
        UUID(home) if home else None,
        tenant_id,
        doors.known_groups().of,
        trust,
    )


def address_of(request: Request, settings: "Settings") -> Address | None:
    """Return where the request comes from, as our own proxies tell; None where none of them does."""
    return client_address(request.headers.get("x-forwarded-for", ""), settings.trusted_proxies)


def credential_kind(request: Request) -> str:
    """Who sends a token may have to wait for Entra; who sends a key never waits behind them."""
    try:
        return "keys" if _credential(request).startswith(KEY_PREFIX) else "tokens"
    except Unauthenticated:
        return "tokens"


def credential_digest(request: Request) -> str | None:
    """Return what a credential is known by where it must not be kept; None if none is sent."""
    try:
        return hashlib.sha256(_credential(request).encode("utf-8", "surrogatepass")).hexdigest()
    except Unauthenticated:
        return None


def challenge(doors: "Doors") -> str:
    """Where to get a token: Power Query and others follow `authorization_uri`."""
    settings = doors.settings()
    tenant = settings.home_tenant_id or "organizations"
    return f'Bearer authorization_uri="{settings.authority_host}/{tenant}/oauth2/authorize"'


def _credential(request: Request) -> str:
    credential = request.headers.get("x-api-key", "")
    if not credential:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise Unauthenticated("credentials_missing")
    return credential.strip()


def _tenant_named(request: Request) -> UUID | None:
    """A name that is no GUID is refused only when we know who asks."""
    try:
        return tenant_in_path(request) if "tenant" in request.route else None
    except BadRequest:
        return None
