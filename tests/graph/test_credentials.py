"""The credentials a deployment may have: certificate, managed identity; and what is wrong with bad ones."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.errors import GraphUnavailable, NotPermitted
from shared.core.settings import BadSetting, Settings
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.graph.credentials import TenantTokens
from shared.graph.governor import Governor
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings
from tests.graph.test_client import organization

pytestmark = pytest.mark.stack

IDENTITY, ISSUER, SUBJECT = "identity-1", "https://login.example.org/home/v2.0", "object-1"


def own_tenant(settings: Settings, sandbox: SandboxReady) -> str:
    """Sign in with the settings' credential and read the tenant's own id."""

    async def read() -> str:
        tenant_id = UUID(sandbox.tenants[0].tenant_id)
        client = GraphClient(settings, tenant_id, Governor(OpenPurse()), QUICK)
        try:
            assert await granted_permissions(client)
            return await organization(client)
        finally:
            await client.aclose()

    return asyncio.run(read())


def test_a_certificate_signs_in(
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
    certificate: tuple[bytes, str],
    tmp_path: Path,
) -> None:
    both, public = certificate
    (tmp_path / "kanri.pem").write_bytes(both)
    sandbox_admin.app(appId=sandbox.tenants[0].client_id, certificate=public)
    settings = sandbox_settings(
        sandbox,
        KANRI_CLIENT_SECRET="not-it",
        KANRI_CLIENT_CERTIFICATE_FILE=str(tmp_path / "kanri.pem"),
    )
    assert own_tenant(settings, sandbox) == sandbox.tenants[0].tenant_id


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_certificate_that_cannot_be_read_is_said_in_the_ledgers_words(
    sandbox: SandboxReady, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "kanri.pem"
    if content is not None:
        file.write_bytes(content)
    settings = sandbox_settings(sandbox, KANRI_CLIENT_CERTIFICATE_FILE=str(file))
    with pytest.raises(NotPermitted) as raised:
        own_tenant(settings, sandbox)
    assert raised.value.code == "certificate_unusable"


def test_without_any_credential_the_setting_is_named(sandbox: SandboxReady) -> None:
    settings = sandbox_settings(sandbox, KANRI_CLIENT_SECRET="")
    tokens = TenantTokens(settings, UUID(sandbox.tenants[0].tenant_id))
    with pytest.raises(BadSetting, match="KANRI_CLIENT_SECRET"):
        asyncio.run(tokens.get_token("https://graph.microsoft.com/.default"))


class _Identity(BaseHTTPRequestHandler):
    """The managed identity endpoint that Azure puts beside an app.

    https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
    """

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        good = self.headers["X-IDENTITY-HEADER"] == "header-1" and asked["client_id"] == IDENTITY
        expires = int(time.time()) + 3600
        claims = {"iss": ISSUER, "sub": SUBJECT, "aud": asked["resource"], "exp": expires}
        answer = {
            "access_token": jwt.encode(claims, "k" * 32, "HS256"),
            "expires_on": str(expires),
            "resource": asked["resource"],
            "token_type": "Bearer",
            "client_id": IDENTITY,
        }
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Say nothing."""


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process has a managed identity, as a function app in Azure has."""
    with HTTPServer(("127.0.0.1", 0), _Identity) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_port}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header-1")
        yield
        server.shutdown()


@pytest.mark.usefixtures("identity")
def test_a_managed_identity_federated_with_the_app_signs_in_without_a_secret(
    sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    app = sandbox.tenants[0].client_id
    settings = sandbox_settings(
        sandbox, KANRI_CLIENT_SECRET="", KANRI_MANAGED_IDENTITY_CLIENT_ID=IDENTITY
    )
    with pytest.raises(NotPermitted, match="AADSTS"):
        own_tenant(settings, sandbox)
    sandbox_admin.app(appId=app, federated=[f"{ISSUER} {SUBJECT}"])
    try:
        assert own_tenant(settings, sandbox) == sandbox.tenants[0].tenant_id
    finally:
        sandbox_admin.app(appId=app, federated=[])


@pytest.mark.usefixtures("identity")
def test_an_identity_endpoint_that_refuses_is_an_error_of_the_tree(sandbox: SandboxReady) -> None:
    settings = sandbox_settings(
        sandbox, KANRI_CLIENT_SECRET="", KANRI_MANAGED_IDENTITY_CLIENT_ID="identity-2"
    )
    with pytest.raises((NotPermitted, GraphUnavailable)):
        own_tenant(settings, sandbox)
