"""The credentials a deployment may have: certificate, managed identity; and what is wrong with bad ones."""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Iterator
from copy import replace
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
import pytest
from sqlalchemy.exc import OperationalError

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.errors import GraphUnavailable, NotPermitted
from shared.core.settings import Settings
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.graph.governor import Governor
from shared.identity.credentials import identity_token
from shared.store.session.engine import open_engine
from tests.fixtures.collecting import Bench
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


@pytest.mark.parametrize("empty", ["KANRI_CLIENT_SECRET", "KANRI_CLIENT_ID"])
def test_without_a_credential_the_ledger_says_which_settings_to_set(
    bench: Bench, sandbox: SandboxReady, empty: str
) -> None:
    bench.settings = sandbox_settings(sandbox, 0, **{empty: ""})
    row = bench.collect("domains")
    assert row is not None
    assert (row.state, row.cause) == ("not_permitted", "credential_missing")
    assert row.cause_detail is not None
    assert empty in row.cause_detail


_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class _Trouble(BaseHTTPRequestHandler):
    """An Entra that is not well: `answer` is the status and body of whatever is asked."""

    server: HTTPServer
    answer: ClassVar[tuple[int, str]] = (503, "<html>Service Unavailable</html>")

    def do_GET(self) -> None:
        here = f"https://localhost:{self.server.server_port}"
        known = {name: f"{here}/{name}" for name in ("issuer", *_ENDPOINTS)}
        self._say((200, json.dumps(known)) if self.answer[0] < 500 else self.answer)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say(self.answer)

    def _say(self, answer: tuple[int, str]) -> None:
        status, body = answer
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/json" if body.startswith("{") else "text/html"
        )
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Say nothing."""


@pytest.fixture
def unwell(sandbox: SandboxReady) -> Iterator[Settings]:
    """Settings that sign in at an Entra in trouble; its certificate is good."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(sandbox.ca_file).with_name("server.pem"))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Trouble) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"https://localhost:{server.server_port}"
        yield replace(sandbox_settings(sandbox), authority_host=host)
        server.shutdown()


@pytest.mark.parametrize(
    "answer",
    [
        (503, "<html>Service Unavailable</html>"),
        (500, "{}"),
        (429, '{"error": "temporarily_unavailable", "error_description": "AADSTS90055: Wait."}'),
        (400, '{"error": "server_error", "error_description": "AADSTS90033: A transient error."}'),
    ],
)
def test_an_entra_in_trouble_is_no_missing_permission(
    bench: Bench, unwell: Settings, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str]
) -> None:
    monkeypatch.setattr(_Trouble, "answer", answer)
    bench.settings = unwell
    assert bench.collect("domains") is None, "put off: it may pass"
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert (line.state, line.cause) == ("throttled", "entra_unreachable")


class _Identity(BaseHTTPRequestHandler):
    """The managed identity endpoint that Azure puts beside an app.

    https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
    """

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.asked.append(asked["resource"])
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
        if not good:
            answer = {"statusCode": "400", "message": "No User Assigned Managed Identity found"}
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


@pytest.mark.parametrize(
    ("authority", "resource"),
    [
        ("https://login.microsoftonline.com", "api://AzureADTokenExchange"),
        ("https://login.microsoftonline.us", "api://AzureADTokenExchangeUSGov"),
        ("https://login.partner.microsoftonline.cn", "api://AzureADTokenExchangeChina"),
    ],
)
@pytest.mark.usefixtures("identity")
def test_a_managed_identity_asks_for_the_token_of_its_cloud(
    sandbox: SandboxReady, monkeypatch: pytest.MonkeyPatch, authority: str, resource: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(_Identity, "asked", asked)
    settings = sandbox_settings(
        sandbox, KANRI_AUTHORITY_HOST=authority, KANRI_MANAGED_IDENTITY_CLIENT_ID=IDENTITY
    )
    assert identity_token(settings).count(".") == 2
    assert asked == [resource]


@pytest.mark.usefixtures("identity")
def test_the_same_identity_signs_in_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(_Identity, "asked", asked)
    for client_id, error in ((IDENTITY, OperationalError), ("identity-2", NotPermitted)):
        settings = Settings(
            database_url="postgresql://kanri@127.0.0.1:1/none",
            database_auth="entra",
            managed_identity_client_id=client_id,
        )
        engine = open_engine(settings)
        with pytest.raises(error) as raised:
            engine.connect()
        engine.dispose()
        assert "eyJ" not in str(raised.value), "the token is the password"
    assert set(asked) == {"https://ossrdbms-aad.database.windows.net"}


@pytest.mark.usefixtures("identity")
def test_an_identity_endpoint_that_refuses_is_an_error_of_the_tree(sandbox: SandboxReady) -> None:
    settings = sandbox_settings(
        sandbox, KANRI_CLIENT_SECRET="", KANRI_MANAGED_IDENTITY_CLIENT_ID="identity-2"
    )
    with pytest.raises((NotPermitted, GraphUnavailable)):
        own_tenant(settings, sandbox)
