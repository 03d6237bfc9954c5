"""Tokens of Kanri's app registration in one tenant, by the best credential the settings offer."""

import asyncio
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from shared.core.clouds import cloud_of
from shared.core.errors import GraphUnavailable, KanriError, NotPermitted
from shared.core.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.exceptions import ClientAuthenticationError
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
        "login.chinacloudapi.cn",
    }
)
# azure-identity would try eleven times, up to five minutes each.
_PATIENCE: dict[str, Any] = {"retry_total": 2, "connection_timeout": 10, "read_timeout": 20}
# Refusals that pass: the directory is away, the tenant asks too often.
# https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
_AWAY = re.compile(r"HTTP Error: (?:429|5\d\d)|temporarily_unavailable")
# What msal says of a tenant whose discovery document Entra refuses with a 4xx; Entra's own word for
# it is `invalid_tenant`, which msal does not pass on.
_UNKNOWN_TENANT = "Unable to get authority configuration for"
_NO_SUCH_TENANT = "invalid_tenant"
_AADSTS = re.compile(r"AADSTS\d+")
_PASSING = frozenset({"AADSTS90033", "AADSTS90055"})
_EARLY = 300  # a token is renewed so many seconds before it expires


def open_credential(settings: Settings, tenant_id: UUID) -> "AppCredential":
    """Return a credential for `tenant_id`: managed identity, else certificate, else secret.

    https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity

    Raises NotPermitted if the settings name no credential, or one that cannot be used.
    """
    from azure.identity import (
        CertificateCredential,
        ClientAssertionCredential,
        ClientSecretCredential,
    )

    host = urlsplit(settings.authority_host).hostname
    options: dict[str, Any] = {
        "authority": settings.authority_host,
        "disable_instance_discovery": host not in _PUBLIC_AUTHORITIES,
        **_PATIENCE,
    }
    if settings.ca_file is not None:
        options["connection_verify"] = str(settings.ca_file)
    if not settings.client_id:
        raise NotPermitted("credential_missing")
    tenant = str(tenant_id)
    if settings.managed_identity_client_id:
        stand_in = partial(identity_token, settings)
        return ClientAssertionCredential(tenant, settings.client_id, func=stand_in, **options)
    if settings.client_certificate_file is not None:
        path = str(settings.client_certificate_file)
        try:
            return CertificateCredential(tenant, settings.client_id, path, **options)
        except (OSError, ValueError) as error:
            raise NotPermitted("certificate_unusable", reason=type(error).__name__) from error
    if settings.client_secret:
        return ClientSecretCredential(tenant, settings.client_id, settings.client_secret, **options)
    raise NotPermitted("credential_missing")


def identity_token(settings: Settings) -> str:
    """Return the managed identity's token that stands in for a secret of the app registration."""
    from azure.identity import ManagedIdentityCredential

    scope = f"{cloud_of(settings.authority_host).federation}/.default"
    identity = settings.managed_identity_client_id
    with ManagedIdentityCredential(client_id=identity, **_PATIENCE) as credential:
        return str(credential.get_token(scope).token)


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
        from azure.core.exceptions import ClientAuthenticationError

        try:
            # Closed at once: one that were kept per tenant would hold its connections for an hour.
            with open_credential(self._settings, self._tenant_id) as credential:
                return credential.get_token(*scopes, claims=claims, **options)
        except ClientAuthenticationError as error:
            raise _refused(error) from None
        except KanriError:
            raise
        except Exception as error:
            raise GraphUnavailable("entra_unreachable", reason=type(error).__name__) from error


def _refused(error: "ClientAuthenticationError") -> KanriError:
    """Return what Entra's refusal means. azure-identity says the same of an Entra that is away.

    Only the AADSTS code is kept: the rest of the sentence may name people and apps.
    """
    message = error.message or ""
    code = (_AADSTS.search(message) or [type(error).__name__])[0]
    if _UNKNOWN_TENANT in message:
        code = _NO_SUCH_TENANT
    if _AWAY.search(message) or code in _PASSING:
        return GraphUnavailable("entra_unreachable", reason=code)
    return NotPermitted("entra_refused", reason=code)
