"""The lock of a work folder: one embedded stack per folder, whatever way the last one ended."""

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from infra.local.errors import AlreadyRunning
from shared.core.text import Text

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class WorkLock:
    """An exclusive lock on a file, given back by the operating system even after kill -9.

    After kill -9 the file stays: its presence means nothing, only the lock does. It holds the
    process id of the holder, for people.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock at once, or raise AlreadyRunning."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._locked_file()
        # A holder removes its file: what we locked may be a file that is no longer there.
        while not self._is_current(file):
            file.close()
            file = self._locked_file()
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back and remove its file; harmless if it is not held."""
        if self._file is not None:
            if sys.platform != "win32":  # which does not remove open files
                self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _locked_file(self) -> IO[str]:
        file = self._path.open("a+", encoding="ascii")
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise self._already_running() from error
        return file

    def _is_current(self, file: IO[str]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def _already_running(self) -> AlreadyRunning:
        holder = "?"
        with contextlib.suppress(FileNotFoundError):  # given back in this very moment
            holder = self._path.read_text(encoding="ascii").strip() or holder
        folder = self._path.parent
        return AlreadyRunning(
            Text(
                f"Kanri is already running on {folder} (process {holder}). "
                "Stop it with Ctrl-C, or name another folder with --work-dir.",
                f"{folder} では Kanri がすでに実行中です (プロセス {holder})。"
                "Ctrl-C で停止するか、--work-dir で別のフォルダーを指定してください。",
            )
        )


def _lock(file: IO[str]) -> None:
    """Lock without waiting; OSError if somebody else holds it."""
    if sys.platform == "win32":
        # A byte far behind the content: Windows locks also forbid reading what they cover.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
