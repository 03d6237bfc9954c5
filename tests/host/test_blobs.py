"""Blob triggers and bindings, and the warm-up trigger."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from infra.local.host.blob_path import BlobPath
from tests.host.conftest import StartHost
from tests.host.running_host import RunningHost, eventually, unique


@pytest.fixture
def box(azurite: str) -> Iterator[ContainerClient]:
    with ContainerClient.from_connection_string(azurite, unique("box")) as container:
        yield container


def settings(box: ContainerClient) -> dict[str, str]:
    return {"BOX": box.container_name, "ROWS": "unused"}


def report(host: RunningHost, name: str) -> Any:
    """What the triggered function said about a blob, once it has."""

    def look() -> Any:
        answer = host.call("GET", f"/api/blobs/{name}")
        return answer.json() if answer.status == 200 else None

    return eventually(look)


@pytest.mark.stack
def test_a_blob_written_by_an_output_is_seen_at_once(
    start_host: StartHost, box: ContainerClient
) -> None:
    host = start_host("storage_app", settings(box), "--blob-poll", "3600")
    assert host.call("GET", "/api/blobs/first").status == 404  # a missing blob is None
    assert host.call("PUT", "/api/blobs/first", "one").text == "OK"
    seen = report(host, "first")
    assert (seen["name"], seen["length"]) == (f"{box.container_name}/in/first.txt", 3)
    assert seen["uri"].endswith(seen["name"])
    assert "?" not in seen["uri"]
    host.call("PUT", "/api/blobs/first", "another")  # the same name, another version
    eventually(lambda: report(host, "first")["content"] == "another")
    box.upload_blob("plain.txt", "grüezi")
    assert host.call("GET", "/api/texts/plain.txt").text == "grüezi"


@pytest.mark.stack
def test_each_version_of_a_blob_runs_once_over_all_starts(
    start_host: StartHost, box: ContainerClient
) -> None:
    host_id = unique("blobs")
    given = {**settings(box), "AzureFunctionsWebHost__hostid": host_id}
    box.create_container()
    box.upload_blob("in/old.v1.csv", "was here before", metadata={"who": "ann"})
    box.upload_blob("elsewhere/old.csv", "not for us")
    first = start_host("storage_app", given, "--blob-poll", "0.2")
    assert report(first, "old.v1")["metadata"] == {"who": "ann"}
    assert first.stop() == 0
    second = start_host("storage_app", given, "--blob-poll", "0.2")
    box.upload_blob("in/new.csv", "came later")
    assert report(second, "new")["content"] == "came later"
    assert [seen["content"] for seen in second.records()] == ["came later"]


@pytest.mark.stack
def test_a_blob_that_fails_too_often_is_poison(
    start_host: StartHost, box: ContainerClient, azurite: str
) -> None:
    host = start_host("storage_app", settings(box))
    host.call("PUT", "/api/blobs/broken", "bad")

    with QueueClient.from_connection_string(azurite, "webjobs-blobtrigger-poison") as poison:

        def look() -> Any:
            try:
                bodies = [base64.b64decode(m.content) for m in poison.receive_messages()]
            except ResourceNotFoundError:  # made on demand
                return None
            found = (json.loads(body) for body in bodies)
            return next((m for m in found if m["ContainerName"] == box.container_name), None)

        message = eventually(look)
    assert message["FunctionId"] == "Host.Functions.look"
    assert (message["BlobName"], message["Type"]) == ("in/broken.txt", "BlobTrigger")
    assert [seen["content"] for seen in host.records()] == ["bad", "bad"]


@pytest.mark.stack
def test_the_warm_up_function_runs_when_asked(start_host: StartHost, box: ContainerClient) -> None:
    host = start_host("storage_app", settings(box), "--no-keys")
    assert host.call("GET", "/admin/warmup").status == 200
    assert box.download_blob("warm").readall() == b"warm"


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("box/{name}.{kind}", "a.b.txt", {"name": "a.b", "kind": "txt"}),
        ("box/in/{name}", "in/x/y", {"name": "x/y"}),
        ("box/in/{name}", "out/x", None),
        ("box", "any/thing", {}),
        ("box/a+b.txt", "a+b.txt", {}),
        ("box/a+b.txt", "aab.txt", None),
    ],
)
def test_paths(path: str, name: str, values: dict[str, str] | None) -> None:
    assert BlobPath.parse(path).match(name) == values


@pytest.mark.parametrize("path", ["", "{box}/name", "box/{a}-{a}"])
def test_a_path_that_cannot_be_one_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="blob path"):
        BlobPath.parse(path)
