"""Worker processes by scale group, started on first need and kept."""

import asyncio
from collections.abc import Mapping

from infra.local.host.console import Console
from infra.local.host.errors import HostError
from infra.local.host.options import HostOptions
from infra.local.host.wire import Indexed
from infra.local.host.worker_process import WorkerProcess

HTTP_GROUP = "http"


class WorkerPool:
    """One process per scale group as on Flex Consumption, or one for all groups."""

    def __init__(
        self, options: HostOptions, environment: Mapping[str, str], console: Console
    ) -> None:
        self.options, self.environment, self.console = options, environment, console
        self._workers: dict[str, WorkerProcess] = {}
        self._starting: dict[str, asyncio.Lock] = {}
        self._begun: WorkerProcess | None = None
        self._closed = False
        self.streams = False
        """Whether the app's workers serve HTTP themselves; known after `index`."""

    async def index(self) -> list[Indexed]:
        """Start the HTTP group's worker and return what it found in the app. Raises HostError."""
        worker = await self.worker(HTTP_GROUP)
        self.streams = bool(worker.http_uri)
        return worker.functions

    def has(self, group: str) -> bool:
        """Whether the group has a live worker now."""
        worker = self._workers.get(self._key(group))
        return worker is not None and worker.alive

    def _key(self, group: str) -> str:
        return HTTP_GROUP if self.options.workers == "single" else group

    async def worker(self, group: str) -> WorkerProcess:
        """The live worker of a group; a lost one is replaced. Raises HostError."""
        key = self._key(group)
        async with self._starting.setdefault(key, asyncio.Lock()):
            worker = self._workers.get(key)
            if worker is not None and worker.alive:
                return worker
            if self._closed:
                raise HostError("the host is stopping")
            if worker is not None:
                self.console.event(f"Worker of {key} was lost; starting another")
            begun, self._begun = self._begun, None
            worker = begun or await self._start()
            await worker.ready()
            self._workers[key] = worker
            self.console.detail(f"Worker of {key} is process {worker.process.pid}")
            return worker

    async def begin(self) -> None:
        """Start the HTTP group's worker without waiting for it: `index` does."""
        self._begun = await self._start()

    async def _start(self) -> WorkerProcess:
        options, log = self.options, self.console.stream
        return await WorkerProcess.start(
            options.app, self.environment, log, verbose=options.verbose
        )

    async def close(self) -> None:
        """End every worker; nothing can be started afterwards."""
        self._closed = True
        begun = [self._begun] if self._begun is not None else []
        await asyncio.gather(*(worker.kill() for worker in [*begun, *self._workers.values()]))
