"""Asks a credential of azure-identity for a token, and turns what it raises into errors of the core.

https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
"""

import re
from typing import TYPE_CHECKING, Any

from shared.core.errors import GraphUnavailable, KanriError, NotPermitted

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential
    from azure.core.exceptions import ClientAuthenticationError

# azure-identity would try eleven times, up to five minutes each.
PATIENCE: dict[str, Any] = {"retry_total": 2, "connection_timeout": 10, "read_timeout": 20}
# Refusals that pass: the directory is away, the tenant asks too often.
_AWAY = re.compile(r"HTTP Error: (?:429|5\d\d)|temporarily_unavailable")
# What msal says of a tenant whose discovery document Entra refuses with a 4xx; Entra's own word for
# it is `invalid_tenant`, which msal does not pass on.
_UNKNOWN_TENANT = "Unable to get authority configuration for"
_NO_SUCH_TENANT = "invalid_tenant"
_AADSTS = re.compile(r"AADSTS\d+")
_PASSING = frozenset({"AADSTS90033", "AADSTS90055"})


def token_of(
    credential: "TokenCredential", *scopes: str, claims: str | None = None, **options: Any
) -> "AccessToken":
    """Return an access token for `scopes`. Raises NotPermitted or GraphUnavailable. Blocks."""
    from azure.core.exceptions import ClientAuthenticationError

    try:
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
