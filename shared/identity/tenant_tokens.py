"""Our tokens for Microsoft Graph in one tenant: fetched from Entra, kept until shortly before they end."""

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.core.settings import Settings
from shared.identity.credentials import open_credential
from shared.identity.entra import token_of

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

_EARLY = 300  # a token is renewed so many seconds before it expires


class TenantTokens:
    """An awaitable credential as the Graph SDK takes one; asks Entra off the event loop.

    azure-identity's own asynchronous credentials would bring a second HTTP client (aiohttp).
    """

    def __init__(self, settings: Settings, tenant_id: UUID) -> None:
        self._settings = settings
        self._tenant_id = tenant_id
        self._token: AccessToken | None = None
        self._asking = asyncio.Lock()

    async def get_token(
        self, *scopes: str, claims: str | None = None, **options: Any
    ) -> "AccessToken":
        """Return a token with five minutes left. Raises NotPermitted or GraphUnavailable."""
        async with self._asking:  # runs of one tenant that begin together ask once
            held = self._token if claims is None else None
            if held is not None and held.expires_on - _EARLY > time.time():
                return held
            self._token = await asyncio.to_thread(self._ask, scopes, claims, options)
            return self._token

    def forget(self) -> None:
        """Drop the token: the next one comes from Entra."""
        self._token = None

    def _ask(
        self, scopes: tuple[str, ...], claims: str | None, options: dict[str, Any]
    ) -> "AccessToken":
        # Closed at once: one that were kept per tenant would hold its connections for an hour.
        with open_credential(self._settings, self._tenant_id) as credential:
            return token_of(credential, *scopes, claims=claims, **options)
