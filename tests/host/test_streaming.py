"""HTTP streaming through a worker that serves HTTP itself."""

import http.client
from collections.abc import Iterator

import pytest

from tests.host.running_host import RunningHost, unique

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def host(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    settings = {"AzureWebJobsStorage": azurite, "AzureFunctionsWebHost__hostid": unique("streams")}
    host = RunningHost("streaming_app", settings, tmp_path_factory.mktemp("streams"))
    yield host
    assert host.stop() == 0


def test_an_answer_arrives_while_it_is_made(host: RunningHost) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=20)
    connection.request("GET", "/api/slow")
    response = connection.getresponse()
    assert response.read(5) == b"first"
    assert host.call("GET", "/api/release").text == "released"
    assert response.read() == b"second"
    connection.close()


@pytest.mark.parametrize("chunked", [True, False])
def test_a_request_arrives_unchanged_even_in_chunks(host: RunningHost, *, chunked: bool) -> None:
    body = bytes(range(256)) * 1000
    headers = {"Host": "example.org"}
    answer = host.call("POST", "/api/echo/ann?x=%20&y=", body, headers, chunked=chunked)
    assert (answer.status, answer.body, answer.headers["x-who"]) == (201, body, "ann")
    assert answer.headers["x-url"] == "http://example.org/api/echo/ann?x=%20&y="
    assert f"Id={answer.headers['x-id']}" in host.log()


def test_a_failure_is_an_empty_500_and_the_next_request_is_served(host: RunningHost) -> None:
    answer = host.call("GET", "/api/broken")
    assert (answer.status, answer.body) == (500, b"")
    assert "Exception: ValueError: as asked" in host.log()
    assert host.call("GET", "/api/broken/no").status == 404
    assert host.call("GET", "/api/release").status == 200
