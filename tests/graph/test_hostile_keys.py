"""Whatever Entra answers when its signing keys are asked for: a caller is refused or told to wait."""

import base64
import json
from collections.abc import Iterator
from uuid import UUID

import msgspec
import pytest

from infra.local.sandbox_process import SandboxReady
from shared.core.errors import GraphUnavailable, Unauthenticated
from shared.identity.access_tokens import AccessTokens
from tests.fixtures.graph import sandbox_settings
from tests.fixtures.hostile import ANSWERS, Asked, Hostile, elsewhere, http

pytestmark = pytest.mark.stack

TENANT = UUID("11111111-1111-1111-1111-111111111111")


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """An Entra that answers as a test says."""
    server = Hostile(tmp_path_factory.mktemp("entra"))
    server.start()
    yield server
    server.stop()


def verify(entra: Hostile, sandbox: SandboxReady) -> None:
    """Check a token whose key is not known yet."""
    names = {"KANRI_AUTHORITY_HOST": entra.origin, "KANRI_CA_FILE": entra.ca_file}
    names["KANRI_API_AUDIENCE"] = "api://kanri"
    tokens = AccessTokens(sandbox_settings(sandbox, 0, **names))
    head = json.dumps({"alg": "RS256", "kid": "unknown"}).encode()
    token = ".".join(base64.urlsafe_b64encode(part).decode() for part in (head, b"{}", b"signed"))
    tokens.verify(token.replace("=", ""), TENANT)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("second", [False, True])
def test_every_answer_of_entra_is_a_refusal(
    entra: Hostile, sandbox: SandboxReady, name: str, *, second: bool
) -> None:
    keys = msgspec.json.encode({"jwks_uri": entra.origin + "/keys/.well-known/"})
    entra.entra = lambda asked: http(keys) if second and "openid" in asked.target else ANSWERS[name]
    with pytest.raises((GraphUnavailable, Unauthenticated)):
        verify(entra, sandbox)


@pytest.mark.parametrize(
    "document",
    [
        {"keys": [1, None, []]},
        {"keys": [{"kty": "RSA", "kid": "a"}]},
        {"keys": [{"kty": "RSA", "kid": "a", "n": "\u00e4", "e": 5}]},
        {"keys": {"a": 1}},
        [],
    ],
)
def test_keys_that_are_none_are_a_refusal(
    entra: Hostile, sandbox: SandboxReady, document: object
) -> None:
    keys = msgspec.json.encode({"jwks_uri": entra.origin + "/keys/.well-known/"})
    entra.entra = lambda asked: http(
        keys if "openid" in asked.target else msgspec.json.encode(document)
    )
    with pytest.raises((GraphUnavailable, Unauthenticated)):
        verify(entra, sandbox)


@pytest.mark.parametrize("by", ["document", "redirect"])
def test_keys_are_taken_from_entra_alone(entra: Hostile, sandbox: SandboxReady, by: str) -> None:
    other = Hostile(entra.folder)
    other.start()
    try:
        away = other.origin.replace("localhost", "127.0.0.1") + "/keys"

        def answer(asked: Asked) -> bytes:
            if by == "redirect":
                return elsewhere(away)
            return http(msgspec.json.encode({"jwks_uri": away}))

        entra.entra = answer
        with pytest.raises(GraphUnavailable):
            verify(entra, sandbox)
        assert other.asked == []
    finally:
        other.stop()
