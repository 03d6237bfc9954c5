"""The product behind the real Functions host: a worker process, its bindings, its own wiring."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import UUID

from sqlalchemy import Engine

from infra.local.host_process import HostProcess
from infra.local.repository import ROOT
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.role_permissions import PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.tenants import Tenants
from shared.store.session.engine import open_engine
from tests.fixtures.ample import AMPLE


@dataclass(frozen=True)
class Host:
    """The host's base URL, a key for it, and the database behind it."""

    url: str
    key: str
    engine: Engine
    owner_secret: str = ""

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"x-api-key": self.key, "content-type": "application/json"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
            method=method,
        )
        try:
            answer = urllib.request.urlopen(request, timeout=120)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


@contextmanager
def running_host(
    settings: Settings,
    storage: str,
    sandbox: SandboxReady,
    folder: Path,
    tenant_id: UUID,
    **more: str,
) -> Iterator[Host]:
    """Serve the product on the database of `settings`, `tenant_id` connected; logs go to `folder`.

    `more` are settings by name, beside or instead of the usual ones.
    """
    engine = open_engine(settings)
    Tenants(engine).add(tenant_id, "Contoso")
    key, _ = ApiKeys(engine).create(
        "host test",
        environment="test",
        permissions=sorted(PERMISSIONS),
        tenant_ids=None,
        expires_at=clock.now() + timedelta(hours=1),
    )
    app = sandbox.tenants[0]
    values = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": storage,
        # Only what is asked over HTTP is to happen here.
        "AzureWebJobs.timer_dispatch.Disabled": "true",
        "AzureWebJobs.queue_collect.Disabled": "true",
        "AzureWebJobs.queue_collect_poison.Disabled": "true",
        "KANRI_DATABASE_URL": settings.database_url,
        "KANRI_GRAPH_ENDPOINT": sandbox.graph_endpoint,
        "KANRI_AUTHORITY_HOST": sandbox.authority_host,
        "KANRI_CA_FILE": sandbox.ca_file,
        "KANRI_CLIENT_ID": app.client_id,
        "KANRI_CLIENT_SECRET": app.client_secret,
        "KANRI_HOME_TENANT_ID": app.tenant_id,
        "KANRI_API_AUDIENCE": "api://kanri",
        "KANRI_SEALING_KEYS": settings.sealing_keys,
        "KANRI_RATE_LIMITS": AMPLE,
        "KANRI_OWNER_SECRET": "of-the-host-under-test-and-no-other",
        **more,
    }
    file = folder / "local.settings.json"
    file.write_text(json.dumps({"IsEncrypted": False, "Values": values}), encoding="utf-8")
    process = HostProcess(Path(ROOT), settings=file, log_file=folder / "host.log")
    process.start()
    try:
        ready = process.wait_ready()
        yield Host(f"http://127.0.0.1:{ready.port}", key, engine, values["KANRI_OWNER_SECRET"])
    finally:
        process.stop()
        engine.dispose()
