"""A sandbox as a child process: start it, read its ready line, stop it."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.local.sandbox.client import SandboxAdmin

_ROOT = Path(__file__).resolve().parents[3]
_STOP_SECONDS = 10


class SandboxProcess:
    """A running sandbox; `ready` is its ready line. Use it as a context manager."""

    def __init__(self, data: Path, *options: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "infra.local.sandbox", "--data", str(data), *options],
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        line = self._child.stdout.readline() if self._child.stdout else ""
        if not line:
            raise RuntimeError(
                f"the sandbox ended with status {self._child.wait()} before it was ready"
            )
        self.ready: dict[str, Any] = json.loads(line)

    @property
    def admin(self) -> SandboxAdmin:
        """A client of its admin endpoint."""
        return SandboxAdmin.of(self.ready)

    def stop(self) -> int:
        """End the process and return its exit status."""
        self._child.terminate()
        try:
            status = self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
