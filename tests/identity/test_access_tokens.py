"""Signing keys of Entra: fetched once, kept over trouble, and never waited for by who has them."""

import asyncio
import base64
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.errors import GraphUnavailable, Unauthenticated
from shared.identity import access_tokens
from shared.identity.access_tokens import AccessTokens
from tests.fixtures.graph import sandbox_settings
from tests.fixtures.relay import Relay

pytestmark = pytest.mark.stack

AUDIENCE = "api://kanri"


class Line(Relay):
    """A wire to the sandbox that can be cut (`answers` cleared) and counts the calls made over it."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.calls = 0
        self.answers = threading.Event()
        self.answers.set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.port = await self.listen()
        self._ready.set()
        await self._over.wait()
        await self.close()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count the call, and leave it unanswered while the wire is cut."""
        self.calls += 1
        if self.answers.is_set():
            await super().join(reader, writer)
            return
        await self._over.wait()
        writer.transport.abort()

    def end(self) -> None:
        """End the wire and its thread; called from the test's thread."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def line(sandbox: SandboxReady) -> Iterator[Line]:
    port = urlsplit(sandbox.authority_host).port
    assert port is not None
    wire = Line(port)
    yield wire
    wire.end()


@pytest.fixture
def tokens(sandbox: SandboxReady, line: Line, monkeypatch: pytest.MonkeyPatch) -> AccessTokens:
    """The check, with Entra at the end of `line`."""
    monkeypatch.setattr(access_tokens, "TIMEOUT_SECONDS", 1)
    settings = sandbox_settings(sandbox, KANRI_API_AUDIENCE=AUDIENCE)
    return AccessTokens(replace(settings, authority_host=f"https://localhost:{line.port}"))


def signed(admin: SandboxAdmin, line: Line, tenant: str, **facts: object) -> str:
    return admin.token(AUDIENCE, tenant, authority=f"https://localhost:{line.port}", **facts)


def numbered_otherwise(token: str) -> str:
    """The token, as if it were signed with a key that nobody has published."""
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"unheard-of"}').rstrip(b"=").decode()
    return f"{head}.{token.partition('.')[2]}"


def test_who_has_a_key_does_not_wait_for_another_tenants_keys(
    sandbox: SandboxReady, sandbox_admin: SandboxAdmin, line: Line, tokens: AccessTokens
) -> None:
    known, other = (tenant.tenant_id for tenant in sandbox.tenants[:2])
    token = signed(sandbox_admin, line, known)
    tokens.verify(token, UUID(known))
    line.answers.clear()
    asked = line.calls
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tokens.verify, signed(sandbox_admin, line, other), UUID(other))
        while line.calls == asked:
            time.sleep(0.01)
        assert tokens.verify(token, UUID(known)).tenant_id == UUID(known)
        assert not waiting.done(), "the other tenant's caller is the only one who waits"
        assert isinstance(waiting.exception(timeout=30), GraphUnavailable)


def test_callers_who_come_together_ask_once(
    sandbox: SandboxReady, sandbox_admin: SandboxAdmin, line: Line, tokens: AccessTokens
) -> None:
    tenant = sandbox.tenants[0].tenant_id
    token = signed(sandbox_admin, line, tenant)
    line.answers.clear()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(tokens.verify, token, UUID(tenant)) for _ in range(8)]
        failures = [call.exception(timeout=30) for call in waiting]
    assert all(isinstance(error, GraphUnavailable) for error in failures)
    assert line.calls == 1


def test_unknown_keys_are_looked_up_once_a_minute_even_if_entra_is_away(
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
    line: Line,
    tokens: AccessTokens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant = sandbox.tenants[0].tenant_id
    tokens.verify(signed(sandbox_admin, line, tenant), UUID(tenant))
    forged = numbered_otherwise(signed(sandbox_admin, line, tenant))
    asked = line.calls
    with pytest.raises(Unauthenticated):
        tokens.verify(forged, UUID(tenant))
    assert line.calls == asked, "the keys came in a moment ago"
    monkeypatch.setattr(tokens._keys[UUID(tenant)], "asked_at", time.monotonic() - 61)
    line.answers.clear()
    for _ in range(3):
        with pytest.raises((Unauthenticated, GraphUnavailable)):
            tokens.verify(forged, UUID(tenant))
    assert line.calls == asked + 1


def test_keys_serve_on_while_entra_is_away_but_not_for_ever(
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
    line: Line,
    tokens: AccessTokens,
) -> None:
    tenant = sandbox.tenants[0].tenant_id
    token = signed(sandbox_admin, line, tenant)
    tokens.verify(token, UUID(tenant))
    line.answers.clear()
    keys = tokens._keys[UUID(tenant)]
    keys.fetched_at = keys.asked_at = time.monotonic() - access_tokens.KEYS_LIVE_SECONDS - 1
    assert tokens.verify(token, UUID(tenant)).tenant_id == UUID(tenant)
    keys.fetched_at = keys.asked_at = time.monotonic() - access_tokens.KEYS_OUTLIVE_SECONDS - 1
    with pytest.raises(GraphUnavailable):
        tokens.verify(token, UUID(tenant))
    line.answers.set()
    keys.asked_at = time.monotonic() - 6
    assert tokens.verify(token, UUID(tenant)).tenant_id == UUID(tenant)
