"""The terminal: which language to speak, where progress goes, how a command ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType

import typer
from rich.console import Console

from infra.local.errors import BadStart, StackError
from shared.core.errors import KanriError
from shared.core.text import Lang, Text


class Exit(IntEnum):
    """What the exit code of `kanri` says."""

    OK = 0
    FINDINGS = 1  # it ran, and something is not as it should be
    USAGE = 2  # the command line, a file it names, or a stack that runs already
    REMOTE = 3  # a service did not start or did not answer as it should
    INTERRUPTED = 130  # Ctrl-C, as shells say it


def lang() -> Lang:
    """Return the language of the locale: Japanese if it is Japanese, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def spoken(text: Text) -> str:
    """Return the text in the language of the terminal."""
    return text.of(lang())


def results() -> Console:
    """Return the console for results: standard output. rich keeps to NO_COLOR."""
    return Console(highlight=False)


def progress() -> Console:
    """Return the console for everything that is not a result: standard error."""
    return Console(stderr=True, highlight=False)


def say(text: Text) -> None:
    """Tell people what is going on."""
    progress().print(spoken(text), style="dim", markup=False)


@contextmanager
def failures_explained() -> Iterator[None]:
    """Turn the errors people can cause or cure into a sentence and an exit code."""
    try:
        yield
    except BadStart as error:
        raise _failed(error.message(lang()), Exit.USAGE) from error
    except StackError as error:
        raise _failed(error.message(lang()), Exit.REMOTE) from error
    except KanriError as error:
        raise _failed(error.message(lang()), Exit.REMOTE) from error
    except subprocess.TimeoutExpired as error:
        said = Text(f"It did not end: {error}.", f"終了しませんでした: {error}。")
        raise _failed(spoken(said), Exit.REMOTE) from error
    except OSError as error:
        # A folder that cannot be written to, a full disk: the system names the file itself.
        said = Text(f"The system refused: {error}.", f"システムに拒否されました: {error}。")
        raise _failed(spoken(said), Exit.USAGE) from error


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM and a closed terminal end the command: everything is stopped.

    SIGINT has its handler set explicitly: a script's `&` starts its commands with SIGINT ignored,
    and Python then leaves it ignored. Below `nohup` SIGHUP stays ignored, as whoever asked for that
    wants.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    numbers = [
        number
        for number in numbers
        if number in (signal.SIGINT, signal.SIGTERM) or signal.getsignal(number) != signal.SIG_IGN
    ]
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {
        number: signal.signal(number, interrupt) for number in numbers
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _failed(message: str, code: int) -> typer.Exit:
    progress().print(message, style="red", markup=False, soft_wrap=True)
    sys.stdout.flush()
    return typer.Exit(code)
