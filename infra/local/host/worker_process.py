"""One worker process: start it, call functions in it, notice its end."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from infra.local.host import wire
from infra.local.host.errors import HostError, WorkerLost

SOURCE_ROOT = Path(__file__).resolve().parents[3]
START_LIMIT = 30.0  # seconds an app may take to start on Flex Consumption; not configurable there


class WorkerProcess:
    """A running worker. Use `start` and `ready`; after its end every call raises WorkerLost."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both pipes were asked for
        assert process.stdout is not None  # noqa: S101
        self.process, self.calls, self.answers = process, process.stdin, process.stdout
        self.functions: list[wire.Indexed] = []
        self.http_uri = ""
        """Where the worker itself serves HTTP, if it does."""
        self.waiting: dict[str, asyncio.Future[wire.Result]] = {}
        self.reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, app: Path, environment: Mapping[str, str], log: TextIO, *, verbose: bool
    ) -> "WorkerProcess":
        """Start a process, which begins to index the app; `ready` waits for that."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "infra.local.host.worker",
            str(app),
            "verbose" if verbose else "quiet",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log.fileno(),
            cwd=SOURCE_ROOT,
            env=dict(environment),
            start_new_session=True,  # Ctrl-C is the host's to handle; it drains first
        )
        return cls(process)

    async def ready(self) -> None:
        """Wait until the app is indexed. Raises HostError if it cannot be, and ends the process."""
        try:
            async with asyncio.timeout(START_LIMIT):
                await self._become_ready()
        except TimeoutError as error:
            await self.kill()
            raise HostError("the app did not start within 30 seconds") from error
        except BaseException:
            await self.kill()
            raise
        self.reader = asyncio.create_task(self._read_results())

    async def _become_ready(self) -> None:
        try:
            message = await self._receive()
        except WorkerLost as error:
            raise HostError(f"the worker ended while indexing: {error}") from error
        if isinstance(message, wire.IndexingFailed):
            raise HostError(f"{message.message}\n{message.stack}")
        if isinstance(message, wire.Result):
            raise HostError("the worker answered before it was asked")
        self.functions = message.functions
        self.http_uri = message.capabilities.get("HttpUri", "")

    @property
    def alive(self) -> bool:
        """Whether calls can still be made."""
        return self.process.returncode is None and (self.reader is None or not self.reader.done())

    async def call(self, message: wire.Invoke) -> wire.Result:
        """Run one invocation. Raises WorkerLost if the process ends before its answer."""
        if not self.alive:
            raise WorkerLost("the worker process has ended")
        future: asyncio.Future[wire.Result] = asyncio.get_running_loop().create_future()
        self.waiting[message.id] = future
        try:
            self.calls.write(wire.frame(message))
            await self.calls.drain()
            return await future
        except ConnectionError as error:
            raise WorkerLost("the worker process has ended") from error
        finally:
            self.waiting.pop(message.id, None)

    async def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        if self.reader is not None:
            await self.reader

    async def _receive(self) -> wire.FromWorker:
        try:
            head = await self.answers.readexactly(wire.LENGTH.size)
            body = await self.answers.readexactly(wire.LENGTH.unpack(head)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self.process.wait()
            raise WorkerLost(f"the worker process ended with code {code}") from None
        return wire.decode_answer(body)

    async def _read_results(self) -> None:
        try:
            while True:
                message = await self._receive()
                future = self.waiting.get(message.id) if isinstance(message, wire.Result) else None
                if future is not None and not future.done():
                    future.set_result(message)  # type: ignore[arg-type]  # checked a line above
        except WorkerLost as lost:
            for future in self.waiting.values():
                if not future.done():
                    future.set_exception(WorkerLost(str(lost)))
