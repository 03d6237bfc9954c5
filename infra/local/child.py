"""One supervised child process: its log file, its ready line, its end."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from infra.local.errors import StackError
from shared.core.text import Text

_POLL_SECONDS = 0.02
_KILLED_SECONDS = 60.0  # a killed process that writes to a slow disk ends late, but ends
_PR_SET_PDEATHSIG = 1
_LOG_LINES_SHOWN = 20


class ChildFailed(StackError):
    """The child ended, or was not ready in time; `detail` holds the end of its log."""


class Child:
    """A process that ends when its parent does.

    Output goes straight to `log_file` (the log of the run before is kept as `<log_file>.1`), so a
    child that outlives its parent by a moment never blocks or breaks on a closed pipe. Ready lines
    are read back from there, or, with `secret_answers`, from an unnamed file that takes standard
    output instead: secrets in a ready line reach no log. The child leads its own session: Ctrl-C in
    the terminal reaches only the parent, which then stops its children in its own order.

    On Linux the kernel sends `death_signal` when the *thread* that called `start` ends, kill -9
    included (prctl(2), PR_SET_PDEATHSIG): start children from the main thread. Elsewhere a killed
    parent leaves its children behind and the next start deals with them.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log_file: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        secret_answers: bool = False,
    ) -> None:
        """`environment` replaces the inherited one; `stop_signal` asks the child to end in order."""
        self.name = name
        self._command = list(command)
        self._log_file = log_file
        self._environment = environment
        self._folder = folder
        self._stop_signal = stop_signal
        self._secret_answers = secret_answers
        self._output: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; it is not ready yet when this returns."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        if self._log_file.exists():
            self._log_file.replace(self._log_file.with_name(self._log_file.name + ".1"))
        self._close_output()
        with self._log_file.open("wb") as log, self._stdout(log) as stdout:
            self._output = Path(stdout.name).open("rb")  # noqa: SIM115  closed by stop
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=log,
                env=self._environment,
                cwd=self._folder,
                start_new_session=True,
                # Safe here: the function only makes one system call in the forked child.
                preexec_fn=_death_signal_setter(self._stop_signal),  # noqa: PLW1509
            )

    def wait_for[T](self, recognise: Callable[[str], T | None], *, seconds: float) -> T:
        """Return the first value that `recognise` makes of a line of output.

        Raises ChildFailed (and ends the child) if it exits first or `seconds` pass.
        """
        deadline = time.monotonic() + seconds
        for line in self._lines():
            if line is not None and (found := recognise(line)) is not None:
                return found
            if line is None and not self.running:
                self._close_output()
                raise self._failure("ended before it was ready", "準備が整う前に終了しました")
            if time.monotonic() > deadline:
                self.stop(grace=1)
                raise self._failure(
                    f"was not ready within {seconds:g} seconds",
                    f"{seconds:g} 秒以内に準備が整いませんでした",
                )
        raise AssertionError("the lines of a log never end")

    def stop(self, *, grace: float = 10.0) -> None:
        """Ask the process to end, kill what is left of its group after `grace` seconds."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace)
        self._kill_group()
        self._process.wait(_KILLED_SECONDS)
        self._close_output()

    def kill(self) -> None:
        """End the process group at once, as kill -9 does."""
        if self._process is not None:
            self._kill_group()
            self._process.wait(_KILLED_SECONDS)
            self._close_output()

    def log_end(self) -> str:
        """Return the last lines of the log."""
        if not self._log_file.exists():
            return ""
        text = self._log_file.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES_SHOWN:])

    def _stdout(self, log: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
        # The temporary file loses its name as soon as the child has it. Windows cannot do that.
        if self._secret_answers and sys.platform != "win32":
            return NamedTemporaryFile()
        return contextlib.nullcontext(log)

    def _lines(self) -> Iterator[str | None]:
        """Yield each complete line of standard output, and None whenever there is none yet."""
        if self._output is None:
            raise RuntimeError(f"{self.name} was not started")
        rest = b""
        while True:
            # Looked at before reading: output written just before the end is still read.
            ended = not self.running
            rest += self._output.read()
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield line.decode("utf-8", errors="replace")
            if ended:
                yield rest.decode("utf-8", errors="replace")
                rest = b""
            yield None
            time.sleep(_POLL_SECONDS)

    def _close_output(self) -> None:
        if self._output is not None:
            self._output.close()
            self._output = None

    def _kill_group(self) -> None:
        if self._process is None:
            return
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _failure(self, en: str, ja: str) -> ChildFailed:
        return ChildFailed(Text(f"{self.name} {en}.", f"{self.name} は{ja}。"), self.log_end())


def _death_signal_setter(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what the forked child runs so that it gets `death_signal` when its parent is gone."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def set_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)

    return set_death_signal
