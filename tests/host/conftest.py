"""Fixtures of the host tests: hosts that end with the test, and fresh queues."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from tests.host.running_host import RunningHost, unique

type StartHost = Callable[..., RunningHost]
type MakeQueue = Callable[[str], QueueClient]


@pytest.fixture
def start_host(azurite: str, tmp_path: Path) -> Iterator[StartHost]:
    """Start hosts on Azurite: `start_host(app, settings, *command line words)`."""
    hosts: list[RunningHost] = []

    def start(app: str, settings: dict[str, str], *words: str) -> RunningHost:
        given = {"AzureWebJobsStorage": azurite, "AzureFunctionsWebHost__hostid": unique("host")}
        host = RunningHost(app, {**given, **settings}, tmp_path, *words)
        hosts.append(host)
        return host

    yield start
    for host in hosts:
        if host.process.poll() is None:
            host.kill()


@pytest.fixture
def make_queue(azurite: str) -> Iterator[MakeQueue]:
    """Make empty queues with names of their own."""
    queues: list[QueueClient] = []

    def make(word: str) -> QueueClient:
        queue = QueueClient.from_connection_string(azurite, unique(word))
        queue.create_queue()
        queues.append(queue)
        return queue

    yield make
    for queue in queues:
        queue.close()
