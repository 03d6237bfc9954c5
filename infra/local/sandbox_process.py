"""The sandbox tenant as a child process: start it, read its ready line, stop it."""

import sys
from pathlib import Path

import msgspec

from infra.local.child import Child
from infra.local.repository import ROOT

_START_SECONDS = 180.0  # a second of work, even for 500,000 users, on a machine that may be busy


class SandboxTenant(msgspec.Struct, frozen=True, rename="camel"):
    """One tenant of the sandbox and the app registration that may read it."""

    tenant_id: str
    display_name: str
    client_id: str
    client_secret: str


class SandboxReady(msgspec.Struct, frozen=True, rename="camel"):
    """What the sandbox prints when it serves; URLs without a trailing slash."""

    port: int
    authority_host: str
    graph_endpoint: str
    ca_file: str
    tenants: list[SandboxTenant]
    admin_url: str
    admin_token: str
    pid: int


class SandboxProcess:
    """`python -m infra.local.sandbox` with its data (CA, keys) in `home`."""

    def __init__(
        self,
        home: Path,
        *,
        users: int,
        seed: int = 1,
        tenants: int = 1,
        log_file: Path | None = None,
        wire_log: Path | None = None,
        clock_file: Path | None = None,
    ) -> None:
        """`users` is per tenant; `wire_log` gets every Graph exchange as a line of JSON.

        `clock_file` is a clock that tests move (shared.core.clock).
        """
        words = ["--port", "0", "--data", str(home.absolute())]
        words += ["--users", str(users), "--seed", str(seed), "--tenants", str(tenants)]
        if wire_log is not None:
            words += ["--wire-log", str(wire_log.absolute())]
        if clock_file is not None:
            words += ["--clock-file", str(clock_file.absolute())]
        self._home = home
        self._child = Child(
            "The sandbox tenant",
            [sys.executable, "-m", "infra.local.sandbox", *words],
            log_file=log_file or home / "sandbox.log",
            folder=ROOT,  # where python -m finds us
            secret_answers=True,
        )

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._child.running

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it serves."""
        self._home.mkdir(parents=True, exist_ok=True)
        self._child.start()

    def wait_ready(self) -> SandboxReady:
        """Return the ready line; ChildFailed if it does not come."""
        return self._child.wait_for(_ready_line, seconds=_START_SECONDS)

    def stop(self) -> None:
        """Stop the process; a wire log is complete afterwards."""
        self._child.stop()


def _ready_line(line: str) -> SandboxReady | None:
    if not line.startswith("{"):
        return None
    try:
        return msgspec.json.decode(line, type=SandboxReady)
    except msgspec.DecodeError:  # a log record
        return None
