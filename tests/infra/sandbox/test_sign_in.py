"""azure-identity signs in unchanged; tokens of every kind are what an API validator expects."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientAssertionCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.infra.sandbox.conftest import GRAPH_SCOPE, Sandbox

pytestmark = pytest.mark.stack

KANRI = "api://kanri"


def _options(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "authority": sandbox.ready["authorityHost"],
        "disable_instance_discovery": True,
        "connection_verify": sandbox.ca_file,
    }


def _claims(sandbox: Sandbox, token: str, audience: str) -> dict[str, Any]:
    """Validate a token the way an API does: discovery document, key set, signature, audience."""
    tenant = sandbox.tenant["tenantId"]
    discovery = sandbox.http.get(
        f"{sandbox.origin}/{tenant}/v2.0/.well-known/openid-configuration"
    ).json()
    keys = jwt.PyJWKSet.from_dict(sandbox.http.get(discovery["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token, key, ["RS256"], audience=audience, issuer=discovery["issuer"], leeway=60
    )


def test_client_secret_credential_gets_a_graph_token(sandbox: Sandbox) -> None:
    tenant = sandbox.tenant
    with ClientSecretCredential(
        tenant["tenantId"], tenant["clientId"], tenant["clientSecret"], **_options(sandbox)
    ) as credential:
        token = credential.get_token(GRAPH_SCOPE).token
    claims = _claims(sandbox, token, "https://graph.microsoft.com")
    assert claims["tid"] == tenant["tenantId"]
    assert claims["appid"] == tenant["clientId"]
    assert "User.Read.All" in claims["roles"]


def test_a_wrong_secret_is_refused_with_the_code_of_entra(sandbox: Sandbox) -> None:
    tenant = sandbox.tenant
    with (
        ClientSecretCredential(
            tenant["tenantId"], tenant["clientId"], "wrong", **_options(sandbox)
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(GRAPH_SCOPE)


def test_a_client_of_another_tenant_is_unknown(sandbox: Sandbox) -> None:
    other = sandbox.ready["tenants"][1]
    with (
        ClientSecretCredential(
            sandbox.tenant["tenantId"],
            other["clientId"],
            other["clientSecret"],
            **_options(sandbox),
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700016"),
    ):
        credential.get_token(GRAPH_SCOPE)


def test_certificate_credential_signs_in(sandbox: Sandbox, certificate: tuple[bytes, str]) -> None:
    both, public = certificate
    app = sandbox.admin.app(certificate=public, permissions=["User.Read.All"])
    with CertificateCredential(
        sandbox.tenant["tenantId"], app["app_id"], certificate_data=both, **_options(sandbox)
    ) as credential:
        token = credential.get_token(GRAPH_SCOPE).token
    assert _claims(sandbox, token, "https://graph.microsoft.com")["roles"] == ["User.Read.All"]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("header", ["x5t", "x5t#S256"])
def test_both_thumbprint_forms_are_accepted_and_checked(
    sandbox: Sandbox, certificate: tuple[bytes, str], algorithm: str, header: str
) -> None:
    both, public = certificate
    app = sandbox.admin.app(certificate=public)
    endpoint = f"{sandbox.origin}/{sandbox.tenant['tenantId']}/oauth2/v2.0/token"
    digest = hashes.SHA1() if header == "x5t" else hashes.SHA256()  # noqa: S303
    good = x509.load_pem_x509_certificate(public.encode()).fingerprint(digest)
    key = serialization.load_pem_private_key(both, None)
    assert isinstance(key, rsa.RSAPrivateKey)

    def status(thumbprint: bytes) -> int:
        now = datetime.now(UTC)
        claims = {
            "aud": endpoint,
            "iss": app["app_id"],
            "sub": app["app_id"],
            "exp": now + timedelta(minutes=5),
        }
        named = {header: jwt.utils.base64url_encode(thumbprint).decode()}
        form = {
            "grant_type": "client_credentials",
            "client_id": app["app_id"],
            "scope": GRAPH_SCOPE,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, key, algorithm, named),
        }
        return sandbox.http.post(endpoint, data=form).status_code

    assert status(good) == 200
    assert status(bytes(len(good))) == 401


def test_federated_credential_needs_a_matching_record(sandbox: Sandbox) -> None:
    issuer, subject = "https://token.actions.example", "repo:contoso/kanri"
    app = sandbox.admin.app(federated=[f"{issuer} {subject}"], permissions=["User.Read.All"])
    key = rsa.generate_private_key(65537, 2048)

    def assertion(who: str) -> str:
        claims = {
            "iss": issuer,
            "sub": who,
            "aud": "api://AzureADTokenExchange",
            "exp": datetime.now(UTC) + timedelta(minutes=5),
        }
        return jwt.encode(claims, key, "RS256")

    where = sandbox.tenant["tenantId"], app["app_id"]
    with ClientAssertionCredential(
        *where, lambda: assertion(subject), **_options(sandbox)
    ) as credential:
        assert credential.get_token(GRAPH_SCOPE).token
    with (
        ClientAssertionCredential(
            *where, lambda: assertion("repo:somebody/else"), **_options(sandbox)
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700213"),
    ):
        credential.get_token(GRAPH_SCOPE)


def test_tokens_for_the_api_of_kanri_carry_its_roles(sandbox: Sandbox) -> None:
    app = sandbox.admin.app(roles={KANRI: ["Report.Read"]}, secret="s3cret")
    tenant = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": "s3cret"}
    claims = _claims(sandbox, sandbox.token(tenant, f"{KANRI}/.default"), KANRI)
    assert claims["roles"] == ["Report.Read"]
    assert claims["azp"] == app["app_id"]
    assert claims["ver"] == "2.0"


def test_tests_can_mint_expired_and_foreign_tokens(sandbox: Sandbox) -> None:
    with pytest.raises(jwt.ExpiredSignatureError):
        _claims(sandbox, sandbox.admin.token(KANRI, expiresIn=-600), KANRI)
    with pytest.raises(jwt.InvalidSignatureError):
        _claims(sandbox, sandbox.admin.token(KANRI, foreignKey=True), KANRI)
    user = sandbox.get("/users?$top=20").json()["value"][0]["id"]
    assert _claims(sandbox, sandbox.admin.token(KANRI, user=user), KANRI)["oid"] == user


def test_graph_refuses_foreign_audiences_and_missing_tokens(sandbox: Sandbox) -> None:
    for header in ("", f"Bearer {sandbox.admin.token(KANRI)}", "Bearer nonsense"):
        answer = sandbox.get("/users", Authorization=header)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_permissions_are_those_of_the_token(sandbox: Sandbox) -> None:
    app = sandbox.admin.app(permissions=["User.Read.All"], secret="few")
    tenant = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": "few"}
    bearer = f"Bearer {sandbox.token(tenant)}"
    assert sandbox.get("/users?$top=1", Authorization=bearer).status_code == 200
    assert sandbox.error("/groups", Authorization=bearer) == (403, "Authorization_RequestDenied")
    assert sandbox.error("/users?$select=id,signInActivity", Authorization=bearer)[0] == 403


def test_certificate_names_both_spellings_of_loopback(sandbox: Sandbox) -> None:
    port = urlsplit(sandbox.origin).port
    url = f"https://127.0.0.1:{port}/common/discovery/instance"
    assert "tenant_discovery_endpoint" in sandbox.http.get(url).json()
