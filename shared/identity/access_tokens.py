"""Checks access tokens that Entra issued for Kanri's own API: signature, issuer, audience, times.

Facts: https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens and
https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
"""

import json
import logging
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from math import inf
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request
from uuid import UUID

import jwt

from shared.core.clouds import cloud_of
from shared.core.errors import GraphUnavailable, Unauthenticated
from shared.core.logs import log
from shared.core.settings import Settings

KEYS_LIVE_SECONDS = 24 * 3600
# While Entra cannot be reached, keys serve as long again.
KEYS_OUTLIVE_SECONDS = 2 * KEYS_LIVE_SECONDS
# An unknown key id may be a fresh key of Entra or a forger's invention: ask again, but not often.
REFRESH_PAUSE_SECONDS = 60
# Without any key nobody gets in: ask again sooner.
FIRST_PAUSE_SECONDS = 5
CLOCK_SKEW_SECONDS = 60
TIMEOUT_SECONDS = 5
LARGEST_DOCUMENT = 1 << 20


@dataclass(frozen=True, slots=True)
class Claims:
    """What Kanri reads from a token that passed. `subject` is the object id of user or app.

    `is_app` tells whether an app signed in for itself: such a token has no scopes. `groups` are
    object ids; None says that there are too many for the token, and that Graph knows them.
    """

    tenant_id: UUID
    subject: str
    roles: tuple[str, ...]
    is_app: bool = False
    groups: tuple[UUID, ...] | None = ()


@dataclass(slots=True)
class _Keys:
    """Signing keys of one tenant by key id; monotonic seconds of the last answer and the last try.

    Whoever asks Entra holds `asking`. `failure` is why the last try brought nothing.
    """

    by_id: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched_at: float = -inf
    asked_at: float = -inf
    failure: GraphUnavailable | None = None
    asking: threading.Lock = field(default_factory=threading.Lock)


class AccessTokens:
    """Verifies tokens for the audience in the settings; keeps signing keys for a day."""

    def __init__(self, settings: Settings) -> None:
        self._authority = settings.authority_host
        self._audiences = [name for name in (settings.api_audience, settings.client_id) if name]
        self._enabled = bool(settings.api_audience)
        cafile = None if settings.ca_file is None else str(settings.ca_file)
        tls = ssl.create_default_context(cafile=cafile)
        self._entra = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=tls), _StayHere()
        )
        self._keys: dict[UUID, _Keys] = {}

    def tenant_of(self, token: str) -> UUID:
        """Return the tenant that the token claims, unverified: only to decide whose keys to ask for."""
        if not self._enabled:
            raise Unauthenticated("token_not_accepted")
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
            return UUID(claims["tid"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
            raise Unauthenticated("token_invalid", reason="not a token of Entra") from None

    def verify(self, token: str, tenant_id: UUID) -> Claims:
        """Return the claims of a valid token of `tenant_id`; Unauthenticated says what is wrong."""
        key = self._key(tenant_id, _key_id(token))
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audiences,
                issuer=self._issuers(tenant_id),
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "nbf", "iss", "aud", "tid"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("token_expired") from None
        except jwt.PyJWTError as error:
            raise Unauthenticated("token_invalid", reason=str(error)) from None
        # An id token has the same issuer, signature and (for the own client) audience.
        if not claims.get("azp") and not claims.get("appid"):
            raise Unauthenticated("token_invalid", reason="not an access token")
        roles = claims.get("roles") or ()
        subject = str(claims.get("oid") or claims.get("sub") or "")
        named = tuple(str(role) for role in roles)
        return Claims(tenant_id, subject, named, "scp" not in claims, _groups(claims))

    def _issuers(self, tenant_id: UUID) -> list[str]:
        """The issuer of v2 tokens, and the one of v1 tokens in the same cloud."""
        v1 = cloud_of(self._authority).issuer
        return [f"{self._authority}/{tenant_id}/v2.0", f"{v1}/{tenant_id}/"]

    def _key(self, tenant_id: UUID, key_id: str) -> jwt.PyJWK:
        """Return the key. Only who lacks it waits for Entra, and for its own tenant alone."""
        keys = self._keys.setdefault(tenant_id, _Keys())
        key = keys.by_id.get(key_id)
        old = time.monotonic() - keys.fetched_at > KEYS_LIVE_SECONDS
        if (key is None or old) and keys.asking.acquire(blocking=key is None):
            try:
                self._renew(tenant_id, keys)
            finally:
                keys.asking.release()
            key = keys.by_id.get(key_id)
        if key is not None:
            return key
        if keys.failure is not None:
            raise GraphUnavailable(keys.failure.code, reason=keys.failure.params["reason"])
        raise Unauthenticated("token_invalid", reason="signed with an unknown key")

    def _renew(self, tenant_id: UUID, keys: _Keys) -> None:
        """Ask Entra, unless that was tried a moment ago: by whom others queued behind, for one."""
        pause = REFRESH_PAUSE_SECONDS if keys.by_id else FIRST_PAUSE_SECONDS
        if time.monotonic() - keys.asked_at <= pause:
            return
        try:
            keys.by_id, keys.failure = self._fetch(tenant_id), None
            keys.fetched_at = time.monotonic()
        except GraphUnavailable as error:
            level = logging.WARNING
            log("signing_keys_unreadable", level=level, tenant=tenant_id, cause=error.code)
            keys.failure = error
            if time.monotonic() - keys.fetched_at > KEYS_OUTLIVE_SECONDS:
                keys.by_id = {}
        finally:
            keys.asked_at = time.monotonic()

    def _fetch(self, tenant_id: UUID) -> dict[str, jwt.PyJWK]:
        discovery = f"{self._authority}/{tenant_id}/v2.0/.well-known/openid-configuration"
        try:
            document = self._get(self._get(discovery)["jwks_uri"])
            return {
                entry["kid"]: jwt.PyJWK(entry, algorithm="RS256")
                for entry in document["keys"]
                if entry.get("kty") == "RSA" and "kid" in entry
            }
        except (KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError) as error:
            raise GraphUnavailable("entra_unreachable", reason=type(error).__name__) from error

    def _get(self, url: str) -> dict[str, Any]:
        """Return a document of Entra. Whoever else is named or redirected to is not asked."""
        there, entra = urlsplit(url), urlsplit(self._authority)
        if (there.scheme, there.hostname) != ("https", entra.hostname):
            raise GraphUnavailable("entra_unreachable", reason="its keys are on another host")
        try:
            with self._entra.open(url, timeout=TIMEOUT_SECONDS) as answer:
                document: dict[str, Any] = json.loads(answer.read(LARGEST_DOCUMENT))
                return document
        except (OSError, ValueError, HTTPException, RecursionError) as error:
            if isinstance(error, HTTPError):
                error.close()  # it holds the connection
            raise GraphUnavailable("entra_unreachable", reason=type(error).__name__) from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: urllib would go to any host, and to http."""

    def http_error_302(  # the names are those of urllib
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
    ) -> None:
        """Let the redirect stand as the refusal that it is, wherever it would lead."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _groups(claims: dict[str, Any]) -> tuple[UUID, ...] | None:
    """Return the groups that the token names; None if it says that they did not fit in.

    https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference tells of
    both signs: `hasgroups`, and `groups` among `_claim_names`. Names of groups synchronised from
    elsewhere, which an app registration may ask for instead of object ids, name nobody here.
    """
    elsewhere = claims.get("_claim_names")
    if claims.get("hasgroups") or (isinstance(elsewhere, dict) and "groups" in elsewhere):
        return None
    return tuple(UUID(group) for group in claims.get("groups") or () if _is_guid(group))


def _is_guid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _key_id(token: str) -> str:
    header = jwt.get_unverified_header(token)
    if header.get("alg") != "RS256":
        raise Unauthenticated("token_invalid", reason="not signed with RS256")
    return str(header.get("kid", ""))
