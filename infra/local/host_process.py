"""The Functions host as a child process: start it, read its ready line, stop it."""

import os
import sys
from pathlib import Path

import msgspec

from infra.local.child import Child, ChildFailed
from infra.local.repository import ROOT
from shared.core.text import Text

_START_SECONDS = 60.0
_DRAIN_SECONDS = 20.0


class HostReady(msgspec.Struct, frozen=True):
    """What the host prints when it serves: its port on 127.0.0.1 and the functions it found."""

    port: int
    pid: int
    functions: list[str]


class HostProcess:
    """`python -m infra.local.host host start` for the app in `app`, configured by `settings`."""

    def __init__(self, app: Path, *, settings: Path, log_file: Path, port: int = 0) -> None:
        """`settings` is shaped like local.settings.json; port 0 picks a free one."""
        words = ["host", "start", "--port", str(port), "--json"]
        words += ["--settings", str(settings.absolute()), "--app", str(app)]
        # Settings come from the file alone, as in Azure from the app settings alone.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KANRI_")}
        self._child = Child(
            "The Functions host",
            [sys.executable, "-m", "infra.local.host", *words],
            log_file=log_file,
            environment=environment,
            folder=ROOT,  # where python -m finds us
        )

    @property
    def running(self) -> bool:
        """Whether the host is alive."""
        return self._child.running

    @property
    def pid(self) -> int:
        """The process id of the host (its workers are its children)."""
        return self._child.pid

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it serves."""
        self._child.start()

    def wait_ready(self) -> HostReady:
        """Return the ready line; ChildFailed if it does not come, or if the app has no function.

        As in Azure, the host goes on serving when the app cannot be imported: every route is 404.
        """
        ready = self._child.wait_for(ready_line, seconds=_START_SECONDS)
        if not ready.functions:
            self.stop()
            raise ChildFailed(
                Text(
                    "The Functions host found no function in the app.",
                    "Functions ホストはアプリ内に関数を見つけられませんでした。",
                ),
                self._child.log_end(),
            )
        return ready

    def stop(self) -> None:
        """Let running invocations finish for a while, then end the host and its workers."""
        self._child.stop(grace=_DRAIN_SECONDS)


def ready_line(line: str) -> HostReady | None:
    """Return what `line` of the host's output says, None if it is not the ready line."""
    if not line.startswith("{"):
        return None
    try:
        return msgspec.json.decode(line, type=HostReady)
    except msgspec.DecodeError:  # a log record
        return None
