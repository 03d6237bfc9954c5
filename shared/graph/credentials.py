"""Tokens of Kanri's app registration in one tenant, by the best credential the settings offer."""

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from shared.core.errors import GraphUnavailable, NotPermitted
from shared.core.settings import BadSetting, Settings

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.identity import (
        CertificateCredential,
        ClientAssertionCredential,
        ClientSecretCredential,
    )

    type AppCredential = CertificateCredential | ClientAssertionCredential | ClientSecretCredential

# Authorities that Entra's own instance discovery knows; a sandbox is none of them.
# https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud
_PUBLIC_AUTHORITIES = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    }
)
_EXCHANGE_SCOPE = "api://AzureADTokenExchange/.default"
_EARLY = 300  # a token is renewed so many seconds before it expires


def open_credential(settings: Settings, tenant_id: UUID) -> "AppCredential":
    """Return a credential for `tenant_id`: managed identity, else certificate, else secret.

    https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity

    Raises NotPermitted if the certificate file cannot be used, BadSetting if there is no credential.
    """
    from azure.identity import (
        CertificateCredential,
        ClientAssertionCredential,
        ClientSecretCredential,
        ManagedIdentityCredential,
    )

    host = urlsplit(settings.authority_host).hostname
    options: dict[str, Any] = {
        "authority": settings.authority_host,
        "disable_instance_discovery": host not in _PUBLIC_AUTHORITIES,
    }
    if settings.ca_file is not None:
        options["connection_verify"] = str(settings.ca_file)
    tenant = str(tenant_id)
    if identity := settings.managed_identity_client_id:

        def assertion() -> str:
            with ManagedIdentityCredential(client_id=identity) as credential:
                return str(credential.get_token(_EXCHANGE_SCOPE).token)

        return ClientAssertionCredential(tenant, settings.client_id, func=assertion, **options)
    if settings.client_certificate_file is not None:
        path = str(settings.client_certificate_file)
        try:
            return CertificateCredential(tenant, settings.client_id, path, **options)
        except (OSError, ValueError) as error:
            raise NotPermitted("certificate_unusable", reason=type(error).__name__) from error
    if settings.client_secret:
        return ClientSecretCredential(tenant, settings.client_id, settings.client_secret, **options)
    raise BadSetting(
        "setting_missing",
        parameter="KANRI_CLIENT_SECRET",
        purpose="Or KANRI_CLIENT_CERTIFICATE_FILE, or KANRI_MANAGED_IDENTITY_CLIENT_ID.",
    )


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
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            # Closed at once: one that were kept per tenant would hold its connections for an hour.
            with open_credential(self._settings, self._tenant_id) as credential:
                return credential.get_token(*scopes, claims=claims, **options)
        except ClientAuthenticationError as error:
            raise NotPermitted("entra_refused", reason=_entra_code(error.message)) from None
        except AzureError as error:
            raise GraphUnavailable("entra_unreachable", reason=type(error).__name__) from error


def _entra_code(message: str | None) -> str:
    """Return the AADSTS code of a refusal; the rest of the sentence may name people and apps."""
    words = (message or "").replace(":", " ").split()
    return next((word for word in words if word.startswith("AADSTS")), "unknown")
