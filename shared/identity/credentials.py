"""What Kanri's app registration proves itself with in one tenant: the best that the settings offer."""

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from shared.core.clouds import PUBLIC_AUTHORITIES, cloud_of
from shared.core.errors import NotPermitted
from shared.core.settings import Settings
from shared.identity.entra import PATIENCE
from shared.identity.own_tokens import OwnTokens

if TYPE_CHECKING:
    from azure.identity import (
        CertificateCredential,
        ClientAssertionCredential,
        ClientSecretCredential,
    )

    type AppCredential = CertificateCredential | ClientAssertionCredential | ClientSecretCredential


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
        "disable_instance_discovery": host not in PUBLIC_AUTHORITIES,
        **PATIENCE,
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
    scope = f"{cloud_of(settings.authority_host).federation}/.default"
    with OwnTokens(settings) as own:
        return own.get_token(scope).token
