"""The life of a worker process: index the app, then run what the host asks for."""

import asyncio
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from infra.local.host import wire
from infra.local.host.worker import conversion, messages
from infra.local.host.worker.records import LineHandler, take_console

type _Message = wire.Ready | wire.IndexingFailed | wire.Result

_LAST_ANSWERS_SECONDS = 30.0  # a host that reads no longer is gone


class Answers:
    """Writes messages in a thread of its own, as the platform's worker sends them.

    A pipe takes 64 KB at a time: an export written on the event loop would hold up every other
    answer.
    """

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._waiting: queue.SimpleQueue[Callable[[], _Message] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def send(self, make: Callable[[], _Message]) -> None:
        """Write what `make` returns, which is called when its turn has come."""
        self._waiting.put(make)

    def close(self) -> None:
        """Wait until everything is written."""
        self._waiting.put(None)
        self._thread.join(_LAST_ANSWERS_SECONDS)

    def _write(self) -> None:
        try:
            while (make := self._waiting.get()) is not None:
                wire.write_frame(self._pipe, make())
                del make  # a big answer is not kept until the next one
        except BaseException:
            # Without answers the host would wait for ever; if it is gone, so are we.
            logging.getLogger(__name__).exception("worker failed")
            os._exit(70)


class Worker:
    """Drives the library worker's exported coroutines; one app per process."""

    def __init__(self, app: Path, answers: Answers) -> None:
        import azure_functions_runtime

        self.runtime = azure_functions_runtime
        self.app, self.answers = str(app), answers
        self.properties = {"protos": messages.namespace(), "host": "127.0.0.1"}
        self.running: set[asyncio.Task[None]] = set()

    def request(self, name: str, content: Any) -> SimpleNamespace:
        """What the platform's proxy worker hands to the library: a message and its properties."""
        return SimpleNamespace(
            name=name, request=SimpleNamespace(**{name: content}), properties=self.properties
        )

    async def index(self) -> wire.Ready | wire.IndexingFailed:
        """Import the app and describe its functions, in the order of calls of the platform."""
        self.runtime.start_threadpool_executor()
        start = SimpleNamespace(
            capabilities={}, function_app_directory=self.app, host_version="4.0.0"
        )
        initial = await self.runtime.worker_init_request(self.request("worker_init_request", start))
        if initial.result.status != messages.StatusResult.Success:
            error = initial.result.exception
            return wire.IndexingFailed(error.message, error.stack_trace)
        where = SimpleNamespace(function_app_directory=self.app)
        answer = await self.runtime.functions_metadata_request(
            self.request("functions_metadata_request", where)
        )
        functions = answer.function_metadata_results
        for function in functions:
            load = SimpleNamespace(function_id=function.function_id, metadata=function)
            await self.runtime.function_load_request(self.request("function_load_request", load))
        return wire.Ready(
            [
                wire.Indexed(f.function_id, f.name, list(f.raw_bindings), conversion.retry(f))
                for f in functions
            ],
            dict(initial.capabilities),
        )

    async def invoke(self, call: wire.Invoke) -> None:
        """Run one invocation and send its result."""
        response = await self.runtime.invocation_request(
            self.request("invocation_request", conversion.invocation(call))
        )
        self.answers.send(lambda: conversion.result(call.id, response))

    def begin(self, call: wire.Invoke) -> None:
        """Start an invocation in a task of its own, so that context variables stay apart."""
        task = asyncio.get_running_loop().create_task(self.invoke(call))
        self.running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The library answers every error of the app itself: this one is ours and fatal.
            logging.getLogger(__name__).error("worker failed", exc_info=task.exception())
            os._exit(70)


def read_calls(calls: BinaryIO, worker: Worker, loop: asyncio.AbstractEventLoop) -> None:
    """Pass frames to the event loop until the host closes the pipe or dies, then end at once.

    A thread of its own: an app that blocks the event loop must not outlive its host.
    """
    while (body := wire.read_frame(calls)) is not None:
        loop.call_soon_threadsafe(worker.begin, wire.decode_invoke(body))
    os._exit(0)


async def work(app: Path, calls: BinaryIO, answers: BinaryIO) -> None:
    """Index the app, announce it, and serve for ever."""
    written = Answers(answers)
    worker = Worker(app, written)
    loop = asyncio.get_running_loop()
    # Before indexing: an import that hangs must not outlive the host either.
    threading.Thread(target=read_calls, args=(calls, worker, loop), daemon=True).start()
    outcome = await worker.index()
    written.send(lambda: outcome)
    if isinstance(outcome, wire.Ready):
        await loop.create_future()
    written.close()


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep standard input and output for frames; the app's own prints go to standard error."""
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    take_console()
    return calls, answers


def order_path(app: Path, root: str) -> None:
    """Order sys.path as the platform does: the app's packages first, the app's folder last.

    `root`, from which the host's own code came, must not be importable by the app.
    """
    sys.path[:] = [entry for entry in sys.path if entry not in ("", root)]
    packages = app / ".python_packages" / "lib" / "site-packages"
    if packages.is_dir():
        sys.path.insert(0, str(packages))
    sys.path.append(str(app))


def run(app: Path, *, verbose: bool) -> None:
    """Be a worker for `app` until the host goes."""
    calls, answers = take_pipes()
    order_path(app, str(Path.cwd()))
    os.chdir(app)
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger().addHandler(LineHandler(verbose=verbose))
    asyncio.run(work(app, calls, answers))
