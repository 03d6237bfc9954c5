"""Function keys: enforced by default, kept where the platform keeps them."""

import json

import pytest
from azure.storage.blob import BlobServiceClient

from tests.host.conftest import StartHost
from tests.host.running_host import RunningHost, unique

pytestmark = pytest.mark.stack


def stored(azurite: str, host_id: str, name: str) -> dict[str, object]:
    with BlobServiceClient.from_connection_string(azurite) as service:
        blob = service.get_blob_client("azure-webjobs-secrets", f"{host_id}/{name}.json")
        document: dict[str, object] = json.loads(blob.download_blob().readall())
    return document


def keyed(host: RunningHost, path: str, key: str | None) -> int:
    return host.call("GET", path, None, {"x-functions-key": key} if key else {}).status


def test_keys(start_host: StartHost, azurite: str) -> None:
    host_id = unique("keys")
    settings = {"AzureFunctionsWebHost__hostid": host_id, "AzureWebJobs.off.Disabled": "true"}
    host = start_host("web_app", settings)
    kept, own = stored(azurite, host_id, "host"), stored(azurite, host_id, "keyed")
    master = kept["masterKey"]["value"]  # type: ignore[index]
    shared = kept["functionKeys"][0]["value"]  # type: ignore[index]
    mine = own["keys"][0]["value"]  # type: ignore[index]
    others = stored(azurite, host_id, "echo")["keys"][0]["value"]  # type: ignore[index]

    assert [keyed(host, "/api/keyed", key) for key in (None, "wrong", others)] == [401] * 3
    assert [keyed(host, "/api/keyed", key) for key in (mine, shared, master)] == [200] * 3
    assert host.call("GET", f"/api/keyed?code={mine}").status == 200
    header_wins = host.call("GET", f"/api/keyed?code={mine}", None, {"x-functions-key": "wrong"})
    assert (header_wins.status, header_wins.body) == (401, b"")
    assert keyed(host, "/api/things/1", "wrong") == 200  # anonymous never fails
    assert [keyed(host, "/api/masters", key) for key in (mine, shared, master)] == [401, 401, 200]
    assert keyed(host, "/admin/host/status", master) == 200
    assert keyed(host, "/api/off", master) == 200  # disabled, but the master key opens it

    restarted = start_host("web_app", settings)
    assert keyed(restarted, "/api/keyed", mine) == 200
    assert mine not in host.log()


def test_keys_can_be_switched_off(start_host: StartHost) -> None:
    host = start_host("web_app", {}, "--no-keys")
    assert [keyed(host, path, None) for path in ("/api/keyed", "/api/masters")] == [200, 200]
