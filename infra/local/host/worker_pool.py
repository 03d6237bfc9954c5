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
            worker = await self._start()
            self._workers[key] = worker
            self.console.detail(f"Worker of {key} is process {worker.process.pid}")
            return worker

    async def _start(self) -> WorkerProcess:
        try:
            return await WorkerProcess.start(
                self.options.app,
                self.environment,
                self.console.stream,
                verbose=self.options.verbose,
            )
        except TimeoutError as error:
            raise HostError("the app did not start within 30 seconds") from error

    async def close(self) -> None:
        """End every worker; nothing can be started afterwards."""
        self._closed = True
        await asyncio.gather(*(worker.kill() for worker in self._workers.values()))
