"""Queue triggers: leases, retries, poison, encodings, outputs."""

import base64
import os
import signal
from datetime import datetime

import pytest
from azure.storage.queue import QueueClient

from tests.host.conftest import MakeQueue, StartHost
from tests.host.running_host import RunningHost, eventually, exists, take

pytestmark = pytest.mark.stack


class Queues:
    """The three queues of the fixture app and the settings that name them."""

    def __init__(self, make: MakeQueue) -> None:
        self.input, self.output, self.spread = make("input"), make("output"), make("spread")

    @property
    def settings(self) -> dict[str, str]:
        names = (self.input.queue_name, self.output.queue_name, self.spread.queue_name)
        return dict(zip(("INPUT", "OUTPUT", "SPREAD"), names, strict=True))


@pytest.fixture
def queues(make_queue: MakeQueue) -> Queues:
    return Queues(make_queue)


def poison_text(azurite: str, queue: QueueClient) -> str:
    """The text of the one message in the poison queue, once it is there."""
    with QueueClient.from_connection_string(azurite, f"{queue.queue_name}-poison") as poison:
        message = eventually(lambda: poison.receive_message() if made(poison) else None)
    return str(message.content)


def made(queue: QueueClient) -> bool:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        queue.get_queue_properties()
    except ResourceNotFoundError:
        return False
    return True


def waiting(queue: QueueClient) -> int:
    return queue.get_queue_properties().approximate_message_count or 0


def worker_of(host: RunningHost, body: str) -> int:
    """The process that runs a message, as the function logged it."""

    def find() -> int | None:
        return next((int(r["pid"]) for r in host.records() if r.get("body") == body), None)

    return eventually(find)


def test_retries_poison_and_success(start_host: StartHost, queues: Queues, azurite: str) -> None:
    host = start_host("queue_app", queues.settings)
    sent = {
        message.id: message.inserted_on
        for message in map(queues.input.send_message, ("good", "fail once", "fail", '{"bad json'))
    }
    seen = [eventually(lambda: take(queues.output)) for _ in range(3)]
    assert {(one["body"], one["attempt"]) for one in seen} == {
        ("good", 1),
        ("fail once", 2),
        ('{"bad json', 1),
    }
    for one in seen:
        assert datetime.fromisoformat(one["inserted"]) == sent[one["id"]]
    assert poison_text(azurite, queues.input) == "fail"
    attempts = [r["attempt"] for r in host.records() if r.get("body") == "fail"]
    assert attempts == [1, 2, 3]
    eventually(lambda: waiting(queues.input) == 0)
    assert take(queues.output) is None  # outputs are written after success only


def test_outputs_take_json_apart_and_bytes_pass_untouched(
    start_host: StartHost, queues: Queues
) -> None:
    slow_poll = {"AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:01:00"}
    host = start_host("queue_app", queues.settings | slow_poll)
    sent = '[{"a":1}, "plain", "2"]'
    http_worker = int(host.call("POST", "/api/spread", sent).text)
    texts = []
    for _ in range(3):
        message = eventually(queues.output.receive_message)
        queues.output.delete_message(message)
        texts.append(message.content)
    assert sorted(texts) == ["2", "plain", '{\n  "a": 1\n}']
    assert "Successfully indexed" not in host.log()  # the library's chatter needs --verbose
    assert worker_of(host, sent) != http_worker  # one process per scale group


def test_text_that_is_not_base64_is_poison_without_a_call(
    start_host: StartHost, queues: Queues, azurite: str
) -> None:
    encoding = {"AzureFunctionsJobHost__extensions__queues__messageEncoding": "base64"}
    host = start_host("queue_app", queues.settings | encoding)
    queues.input.send_message("not base64!")
    queues.input.send_message(base64.b64encode(b"fine").decode())
    message = eventually(queues.output.receive_message)
    assert b'"body": "fine"' in base64.b64decode(message.content)
    assert poison_text(azurite, queues.input) == "not base64!"
    assert [r["body"] for r in host.records()] == ["fine"]


def test_a_killed_worker_fails_its_message_which_comes_back(
    start_host: StartHost, queues: Queues
) -> None:
    host = start_host("queue_app", queues.settings)
    queues.input.send_message("hang once")
    os.kill(worker_of(host, "hang once"), signal.SIGKILL)
    seen = eventually(lambda: take(queues.output))
    assert (seen["body"], seen["attempt"]) == ("hang once", 2)
    assert "the worker process ended" in host.log()


def test_a_killed_host_leaves_no_worker_and_its_message_returns_after_the_lease(
    start_host: StartHost, queues: Queues
) -> None:
    first = start_host("queue_app", queues.settings, "--queue-lease", "3")
    queues.input.send_message("hang once")
    worker = worker_of(first, "hang once")
    first.kill()
    eventually(lambda: not exists(worker), 3)
    start_host("queue_app", queues.settings, "--queue-lease", "3")
    seen = eventually(lambda: take(queues.output))
    assert (seen["body"], seen["attempt"]) == ("hang once", 2)


def test_the_lease_is_renewed_while_a_function_runs(start_host: StartHost, queues: Queues) -> None:
    host = start_host("queue_app", queues.settings, "--queue-lease", "2")
    queues.input.send_message("hang once")
    worker = worker_of(host, "hang once")
    with pytest.raises(AssertionError, match="did not happen"):
        eventually(lambda: take(queues.output), 3.5)
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: take(queues.output))["attempt"] == 2


def test_stopping_drains_and_then_gives_the_message_back(
    start_host: StartHost, queues: Queues
) -> None:
    host = start_host("queue_app", queues.settings, "--drain", "1")
    queues.input.send_message("hang once")
    worker = worker_of(host, "hang once")
    assert host.stop() == 0
    assert not exists(worker)
    message = eventually(queues.input.receive_message, 3)  # visible again, not leased
    assert message.dequeue_count == 2


def test_one_process_for_everything(start_host: StartHost, queues: Queues) -> None:
    host = start_host("queue_app", queues.settings, "--workers", "single")
    web = int(host.call("POST", "/api/spread", "x").text)
    queues.input.send_message("who")
    assert worker_of(host, "who") == web
