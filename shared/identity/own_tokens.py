"""Tokens of the identity that Kanri runs as: PostgreSQL and every Azure service take them.

It is the managed identity that the settings name, else whatever azure-identity finds: one that the
platform gives, or a developer who has signed in.
https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/overview
"""

from typing import TYPE_CHECKING, Any, Self

from shared.core.settings import Settings
from shared.identity.entra import PATIENCE, token_of

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential


class OwnTokens:
    """A `TokenCredential` as Azure's SDKs take one; a token is kept until shortly before it ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: DefaultAzureCredential | ManagedIdentityCredential | None = None

    def get_token(self, *scopes: str, claims: str | None = None, **options: Any) -> "AccessToken":
        """Return a token for `scopes`, `https://.../.default`. NotPermitted or GraphUnavailable."""
        if self._held is None:
            self._held = self._open()
        return token_of(self._held, *scopes, claims=claims, **options)

    def close(self) -> None:
        """Close the connections; the next token opens them again."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _open(self) -> "DefaultAzureCredential | ManagedIdentityCredential":
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        named = self._settings.managed_identity_client_id
        if named:
            return ManagedIdentityCredential(client_id=named, **PATIENCE)
        return DefaultAzureCredential(authority=self._settings.authority_host, **PATIENCE)
