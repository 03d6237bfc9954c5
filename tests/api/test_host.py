"""The API through the real Functions host: a worker process, its bindings, its own wiring."""

import gzip
import json
from pathlib import Path
from uuid import uuid4

import pytest

from shared.store.registers.tenants import Tenants
from tests.api.conftest import TENANT
from tests.api.running_host import Host
from tests.fixtures.seed import collect
from tests.infra.cli.kanri import kanri

pytestmark = [pytest.mark.stack, pytest.mark.slow]


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
    assert answer["nextLink"].startswith(f"/api/{path}?")
    status, _, body = host.send("GET", answer["nextLink"].removeprefix("/api/"))
    assert (status, json.loads(body)["rowCount"]) == (200, 3)
    tag = headers["etag"]
    status, _, body = host.send("GET", f"{path}?top=3&lang=ja", if_none_match=tag)
    assert (status, body) == (304, b"")
    status, headers, body = host.send("GET", f"{path}?format=csv&select=id,display_name")
    assert status == 200
    assert headers["content-type"].startswith("text/csv")
    assert headers["kanri-row-count"] == "30"
    lines = body.decode("utf-8-sig").splitlines()
    assert (lines[0], lines[1], len(lines)) == ("Object id,Display name", "u0,山田 0", 31)


def test_collect_now_puts_a_message_on_the_queue(host: Host, host_storage: str) -> None:
    from azure.storage.queue import QueueClient

    own = uuid4()  # what another test asked for is not asked for anew
    Tenants(host.engine).add(own, "Of one test")
    path = f"v1/tenants/{own}/collections"
    status, _, body = host.send("POST", path, {"datasets": ["domains"]})
    run = json.loads(body)["runs"][0]
    assert (status, run["dataset"]) == (202, "domains")
    with QueueClient.from_connection_string(host_storage, "collect") as queue:
        messages = [json.loads(message.content) for message in queue.receive_messages()]
    sent = [message["run_id"] for message in messages]  # other tests of this host send too
    assert sent.count(run["runId"]) == 1


def test_kanri_import_tells_what_files_are_and_imports_them(host: Host, tmp_path: Path) -> None:
    users = "表示名,ユーザープリンシパル名,部署\r\n安藤 一,a@contoso.example,営業\r\n"
    (tmp_path / "UserList_20250719_060000.csv").write_bytes(users.encode("cp932"))
    (tmp_path / "appsettings.json").write_text('{"Thresholds": {"InactiveUserDays": 60}}')
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    words = ("import", str(tmp_path), "--tenant", str(TENANT), "--url", host.url)
    dry = kanri(*words, KANRI_API_KEY=host.key)
    assert dry.returncode == 1, dry.stderr  # one of them is none of the tool's
    told = [line.split()[0] for line in dry.stdout.splitlines() if not line.startswith(" ")]
    assert told == ["understood", "settings", "refused"]
    assert "reviewDays=60" in dry.stdout
    done = kanri(*words, "--yes", KANRI_API_KEY=host.key)
    assert done.stdout.startswith("imported "), done.stdout
    path = f"v1/tenants/{TENANT}/reports/users?asOf=2025-07-19T00:00:00Z"
    _, _, body = host.send("GET", path)
    assert [row["department"] for row in json.loads(body)["rows"]] == ["営業"]
    assert kanri(*words, "--yes", KANRI_API_KEY=host.key).stdout.startswith("unchanged ")


def test_an_unknown_path_is_the_hosts_to_refuse(host: Host) -> None:
    assert host.send("GET", "v1/nothing")[0] == 404
    assert host.send("PUT", "v1/tenants", {})[0] == 404


def test_what_is_named_without_a_value_is_not_taken_for_absent(host: Host) -> None:
    for query, parameter in (("asOf=", "asOf"), ("top", "top"), ("count=&top=1", "count")):
        status, _, body = host.send("GET", f"v1/tenants/{TENANT}/reports/users?{query}")
        assert (status, json.loads(body)["parameter"]) == (400, parameter)
