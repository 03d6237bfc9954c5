"""The API through the real Functions host: a worker process, its bindings, its own wiring."""

import gzip
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from sqlalchemy import Engine

from infra.local.host_process import HostProcess
from infra.local.repository import ROOT
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.access import PERMISSIONS
from shared.core.settings import Settings
from shared.store.api_keys import ApiKeys
from shared.store.engine import open_engine
from shared.store.tenants import Tenants
from tests.api.conftest import TENANT
from tests.fixtures.seed import collect

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@dataclass(frozen=True)
class Host:
    """The host's base URL, a key for it, and the database behind it."""

    url: str
    key: str
    engine: Engine

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"x-api-key": self.key, "content-type": "application/json"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
            method=method,
        )
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


@pytest.fixture(scope="module")
def host(
    fresh_database: Callable[[], Settings],
    azurite: str,
    sandbox: SandboxReady,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("api_host")
    settings = fresh_database()
    engine = open_engine(settings)
    Tenants(engine).add(TENANT, "Contoso")
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
        "AzureWebJobsStorage": azurite,
        # Only what is asked over HTTP is to happen here.
        "AzureWebJobs.timer_collect.Disabled": "true",
        "AzureWebJobs.timer_maintain.Disabled": "true",
        "AzureWebJobs.queue_collect.Disabled": "true",
        "AzureWebJobs.queue_collect_poison.Disabled": "true",
        "KANRI_DATABASE_URL": settings.database_url,
        "KANRI_GRAPH_ENDPOINT": sandbox.graph_endpoint,
        "KANRI_AUTHORITY_HOST": sandbox.authority_host,
        "KANRI_CA_FILE": sandbox.ca_file,
        "KANRI_CLIENT_ID": app.client_id,
        "KANRI_CLIENT_SECRET": app.client_secret,
    }
    file = folder / "local.settings.json"
    file.write_text(json.dumps({"IsEncrypted": False, "Values": values}), encoding="utf-8")
    process = HostProcess(Path(ROOT), settings=file, log_file=folder / "host.log")
    process.start()
    try:
        ready = process.wait_ready()
        yield Host(f"http://127.0.0.1:{ready.port}", key, engine)
    finally:
        process.stop()
        engine.dispose()


def test_liveness_needs_nothing_and_the_rest_a_key(host: Host) -> None:
    status, _, body = host.send("GET", "health/live", x_api_key="")
    assert (status, json.loads(body)) == (200, {"status": "alive"})
    status, headers, body = host.send("GET", "v1/tenants", x_api_key="")
    assert (status, json.loads(body)["code"]) == (401, "credentials_missing")
    assert headers["content-type"] == "application/problem+json"
    assert headers["www-authenticate"].startswith("Bearer authorization_uri=")


def test_a_report_comes_as_json_and_as_csv(host: Host) -> None:
    people = [{"id": f"u{n}", "display_name": f"山田 {n}"} for n in range(30)]
    collect(host.engine, TENANT, "users", people)
    path = f"v1/tenants/{TENANT}/reports/users"
    status, headers, body = host.send("GET", f"{path}?top=3&lang=ja", accept_encoding="gzip")
    answer = json.loads(gzip.decompress(body))
    assert (status, answer["rowCount"], headers["content-encoding"]) == (200, 3, "gzip")
    assert answer["nextLink"].startswith(host.url)
    tag = headers["etag"]
    status, _, body = host.send("GET", f"{path}?top=3&lang=ja", if_none_match=tag)
    assert (status, body) == (304, b"")
    status, headers, body = host.send("GET", f"{path}?format=csv&select=id,display_name")
    assert status == 200
    assert headers["content-type"].startswith("text/csv")
    assert headers["kanri-row-count"] == "30"
    lines = body.decode("utf-8-sig").splitlines()
    assert (lines[0], lines[1], len(lines)) == ("Object id,Display name", "u0,山田 0", 31)


def test_collect_now_puts_a_message_on_the_queue(host: Host, azurite: str) -> None:
    from azure.storage.queue import QueueClient

    path = f"v1/tenants/{TENANT}/collections"
    status, _, body = host.send("POST", path, {"datasets": ["domains"]})
    run = json.loads(body)["runs"][0]
    assert (status, run["dataset"]) == (202, "domains")
    with QueueClient.from_connection_string(azurite, "collect") as queue:
        messages = [json.loads(message.content) for message in queue.receive_messages()]
    assert [message["run_id"] for message in messages] == [run["runId"]]


def test_an_unknown_path_is_the_hosts_to_refuse(host: Host) -> None:
    assert host.send("GET", "v1/nothing")[0] == 404
    assert host.send("PUT", "v1/tenants", {})[0] == 404
