"""Which application permissions our app was granted in a tenant."""

import base64

import msgspec

from shared.core.errors import MalformedAnswer
from shared.graph.client import GraphClient


class _Claims(msgspec.Struct):
    roles: list[str] = []


async def granted_permissions(client: GraphClient) -> frozenset[str]:
    """Return the permissions that an administrator consented to, read from a fresh token.

    An app-only token carries them in its `roles` claim, so no permission is needed to know them.
    The token is our own, straight from Entra over TLS: its signature is Graph's to check.
    https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference

    Raises NotPermitted when the tenant does not know our app, GraphUnavailable when Entra is away.
    """
    client.tokens.forget()
    token = await client.tokens.get_token(f"{client.endpoint}/.default")
    try:
        payload = token.token.split(".")[1]
        claims = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return frozenset(msgspec.json.decode(claims, type=_Claims).roles)
    except (IndexError, ValueError, RecursionError, msgspec.DecodeError) as error:
        raise MalformedAnswer("graph_malformed", reason="the access token is no JWT") from error
