"""A Functions host as a child process of a test, and the means to talk to it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azure.storage.queue import QueueClient

from tests.fixtures.children import end_child

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]
# Hosts and workers start several times faster with bytecode; where none is to be written in the tree, it is
# kept outside.
_OUTSIDE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "kanri-test-bytecode"),
}
BYTECODE = _OUTSIDE if sys.dont_write_bytecode else {}


@dataclass(frozen=True)
class Answer:
    """One HTTP response; header names are lower case."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def unique(word: str) -> str:
    """A queue name or host id that no other test uses."""
    return f"{word}-{uuid.uuid4().hex[:10]}"


def eventually[T](look: Callable[[], T | None], seconds: float = 10.0) -> T:
    """The first true value of `look`; fails after a while."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
    return found


def exists(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class RunningHost:
    """Started by `start_host`; stop() ends it in order, kill() does not."""

    def __init__(self, app: str, settings: dict[str, str], folder: Path, *words: str) -> None:
        number = len(list(folder.iterdir()))
        self.settings_file, self.log_file = folder / f"{number}.json", folder / f"{number}.log"
        self.settings_file.write_text(json.dumps({"IsEncrypted": False, "Values": settings}))
        command = [sys.executable, "-m", "infra.local.host", "host", "start", "--port", "0"]
        command += ["--json", "--settings", str(self.settings_file)]
        command += ["--app", str(APPS / app), *words]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **BYTECODE, "KANRI_OF_THE_SHELL": "not for workers"},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log()
        self.ready = json.loads(line)
        self.port: int = self.ready["port"]

    def log(self) -> str:
        return self.log_file.read_text()

    def records(self) -> list[dict[str, Any]]:
        """The JSON lines among the log."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    def call(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            content: Any = iter([body]) if chunked else body
            connection.request(method, path, content, headers or {}, encode_chunked=chunked)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), found)
        finally:
            connection.close()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._end()

    def kill(self) -> None:
        self.process.kill()
        self._end()

    def _end(self) -> int:
        try:
            return self.process.wait(60)
        finally:
            end_child(self.process)


def take(queue: QueueClient) -> Any:
    """Take one message off a queue, as JSON; None if there is none now."""
    message = queue.receive_message()
    if message is None:
        return None
    queue.delete_message(message)
    return json.loads(message.content)
