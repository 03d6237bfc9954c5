"""A sandbox for each file of this folder, and small helpers to sign in and to read."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.repository import ROOT
from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.children import child_process

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
USERS = 300
# A tenant's life goes by the time of day: one beginning for all runs.
MORNING = "2026-11-25T09:00:00Z"


class Sandbox:
    """A running sandbox with a signed-in HTTP client of its first tenant."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.origin: str = ready["graphEndpoint"]
        self.ca_file: str = ready["caFile"]
        self.tenant: dict[str, str] = ready["tenants"][0]
        self.admin = SandboxAdmin.of(ready)
        self.http = httpx.Client(verify=trust(self.ca_file), base_url=f"{self.origin}/v1.0")
        self.sign_in()

    def token(self, tenant: dict[str, str] | None = None, scope: str = GRAPH_SCOPE) -> str:
        """An access token by client secret."""
        tenant = tenant or self.tenant
        form = {
            "grant_type": "client_credentials",
            "client_id": tenant["clientId"],
            "client_secret": tenant["clientSecret"],
            "scope": scope,
        }
        answer = self.http.post(f"{self.origin}/{tenant['tenantId']}/oauth2/v2.0/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def sign_in(self) -> None:
        """Use a fresh token from now on."""
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET a path below /v1.0, or a whole link."""
        return self.http.get(path, headers=headers)

    def error(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and Graph error code of a GET that fails."""
        answer = self.get(path, **headers)
        assert answer.status_code >= 400, answer.text[:200]
        return answer.status_code, answer.json()["error"]["code"]

    def read(self, path: str, **headers: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """All rows behind a path, following the links, and the last page."""
        rows: list[dict[str, Any]] = []
        link: str | None = path
        page: dict[str, Any] = {}
        while link:
            answer = self.get(link, **headers)
            assert answer.status_code == 200, answer.text[:300]
            page = answer.json()
            rows += page["value"]
            link = page.get("@odata.nextLink")
        return rows, page

    def moment(self) -> datetime:
        """A whole second, as filters have it, that all lies before which other tests did."""
        self.admin.advance(2)
        return datetime.fromisoformat(self.admin.stats()["now"]).replace(microsecond=0)

    def alive(self) -> set[str]:
        """Ids of the users that exist now; other tests change the tenant."""
        return set(self.admin.journal("users", select=["id"])["objects"])


def trust(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts the sandbox's authority and nothing else."""
    return ssl.create_default_context(cafile=ca_file)


@contextmanager
def started(data: Path, *options: str) -> Iterator[dict[str, Any]]:
    """A sandbox process of its own; gives the ready line. It must end by SIGTERM, and cleanly."""
    words = [sys.executable, "-m", "infra.local.sandbox", "--data", str(data), *options]
    with child_process(words, stdout=subprocess.PIPE, cwd=ROOT, text=True) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.terminate()
        assert child.wait(10) == 0


@pytest.fixture(scope="module")
def sandbox_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of certificates, and the place of the wire log."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def running(sandbox_data: Path) -> Iterator[Sandbox]:
    """The sandbox process of this file: two tenants, throttling off. No other file's life changes it."""
    options = (
        *("--users", str(USERS), "--tenants", "2", "--seed", "7", "--start-time", MORNING),
        *("--throttle-scale", "0", "--wire-log", str(sandbox_data / "wire.jsonl")),
    )
    with started(sandbox_data, *options) as ready:
        sandbox = Sandbox(ready)
        yield sandbox
        sandbox.http.close()


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with no faults and no throttling, before and after a test."""
    running.admin.clear_faults()
    running.admin.throttle(0)
    running.sign_in()
    yield running
    running.admin.clear_faults()
    running.admin.throttle(0)
