"""Access tokens: issued and checked by the sandbox, and the assertions clients sign in with."""

import base64
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

LIFETIME = 3_599
ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls Graph: an application of a tenant with the permissions its token carries."""

    tenant_id: str
    app_id: str
    roles: frozenset[str]


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class TokenMint:
    """Signs tokens with the first key; the second one only stands in the key set (roll-over).

    Token times are real time: clients and validators have their own clocks, and moving the
    sandbox's must not make their tokens worthless.
    """

    def __init__(self, keys: list[rsa.RSAPrivateKey]) -> None:
        self._keys = keys
        self._key_ids = [_key_id(key) for key in keys]

    def key_set(self) -> dict[str, Any]:
        """The JWKS document."""
        keys = []
        for key, name in zip(self._keys, self._key_ids, strict=True):
            numbers = key.public_key().public_numbers()
            keys.append(
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": ALGORITHM,
                    "kid": name,
                    "x5t": name,
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            )
        return {"keys": keys}

    def issue(
        self,
        authority: str,
        tenant_id: str,
        audience: str,
        claims: dict[str, Any],
        lifetime: int = LIFETIME,
        *,
        foreign_key: bool = False,
    ) -> str:
        """A signed v2.0 access token of `authority`; negative lifetimes make expired ones.

        `foreign_key` signs with a key that is in no key set.
        """
        now = int(time.time())
        payload = {
            "aud": audience,
            "iss": f"{authority}/{tenant_id}/v2.0",
            "iat": min(now, now + lifetime),
            "nbf": min(now, now + lifetime),
            "exp": now + lifetime,
            "tid": tenant_id,
            "ver": "2.0",
            "uti": str(uuid4()),
            **claims,
        }
        key = rsa.generate_private_key(65537, 2048) if foreign_key else self._keys[0]
        return jwt.encode(payload, key, ALGORITHM, {"kid": self._key_ids[0]})

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token of ours, audience not checked; raises `jwt.InvalidTokenError`."""
        public = self._keys[0].public_key()
        return jwt.decode(token, public, [ALGORITHM], options={"verify_aud": False})


def _key_id(key: rsa.RSAPrivateKey) -> str:
    numbers = key.public_key().public_numbers()
    digest = hashlib.sha256(f"{numbers.n}".encode()).digest()[:20]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_certificate_assertion(
    assertion: str, certificate: str, app_id: str, endpoint: str
) -> None:
    """Verify a client assertion signed with the app's certificate.

    Accepts RS256 with `x5t` and PS256 with `x5t#S256`, as Entra documents for certificate
    credentials. Raises `jwt.InvalidTokenError`.
    """
    parsed = x509.load_pem_x509_certificate(certificate.encode())
    header = jwt.get_unverified_header(assertion)
    thumbprints = {
        "x5t": parsed.fingerprint(hashes.SHA1()),  # noqa: S303 - the header's definition
        "x5t#S256": parsed.fingerprint(hashes.SHA256()),
    }
    named = [name for name in thumbprints if name in header]
    if not named:
        raise jwt.InvalidTokenError("the assertion names no certificate (x5t or x5t#S256)")
    for name in named:
        expected = base64.urlsafe_b64encode(thumbprints[name]).rstrip(b"=").decode()
        if header[name].rstrip("=") != expected:
            raise jwt.InvalidTokenError(f"{name} names another certificate")
    public = parsed.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise jwt.InvalidTokenError("the registered certificate has no RSA key")
    claims = jwt.decode(assertion, public, ["RS256", "PS256"], audience=endpoint, leeway=300)
    if claims.get("iss") != app_id or claims.get("sub") != app_id:
        raise jwt.InvalidTokenError("iss and sub must be the client id")


def federated_subject(assertion: str) -> str:
    """`issuer subject` of a federated assertion that has not expired.

    The sandbox trusts the pair itself: it cannot reach the issuer's key set.
    """
    claims = jwt.decode(assertion, options={"verify_signature": False})
    if claims.get("aud") != "api://AzureADTokenExchange":
        raise jwt.InvalidTokenError("aud must be api://AzureADTokenExchange")
    if claims.get("exp", 0) < time.time():
        raise jwt.ExpiredSignatureError("the assertion has expired")
    return f"{claims.get('iss', '')} {claims.get('sub', '')}"
