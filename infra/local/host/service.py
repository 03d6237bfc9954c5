"""The running host: puts the parts together, listens, and stops without leaving anything."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn
from azure.core.exceptions import AzureError

from infra.local.host.admin import Admin
from infra.local.host.bindings import Bindings
from infra.local.host.connections import HOST_STORAGE, StorageAccounts
from infra.local.host.console import Console
from infra.local.host.errors import HostError
from infra.local.host.functions import Function, read_functions
from infra.local.host.host_id import host_id
from infra.local.host.host_json import HostJson
from infra.local.host.http_app import HttpApp
from infra.local.host.invoker import Invoker
from infra.local.host.keys import Keys
from infra.local.host.listeners import Listeners
from infra.local.host.options import HostOptions
from infra.local.host.queue_messages import QueueSender
from infra.local.host.routing import RouteTable
from infra.local.host.worker_pool import WorkerPool


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the host drains workers too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the host."""
        yield


class Host:
    """One function app being served. Raises HostError from `run` if it cannot start."""

    def __init__(
        self,
        options: HostOptions,
        settings: Mapping[str, str],
        host_json: HostJson,
        pool: WorkerPool,
        console: Console,
    ) -> None:
        self.options, self.settings, self.host_json = options, settings, host_json
        self.pool, self.console = pool, console
        self.host_id = host_id(options.app, self.settings)
        self.accounts = StorageAccounts(self.settings)
        self.sender = QueueSender(self.accounts, self.host_json.queues.message_encoding)
        bindings = Bindings(self.settings, self.accounts, self.sender)
        self.invoker = Invoker(self.pool, bindings, console, self.host_json.function_timeout)
        self.listeners = Listeners(
            options, self.host_json, self.settings, self.host_id,
            self.invoker, self.sender, console,
        )  # fmt: skip
        self.keys = Keys(self.accounts, self.host_id, enforced=options.enforce_keys)

    async def run(self, stopping: asyncio.Event) -> None:
        """Index the app, listen, and serve until `stopping` is set."""
        try:
            indexing = asyncio.create_task(self._index())
            await _first(indexing, stopping)
            if not indexing.done():  # an app that hangs while it is imported
                indexing.cancel()
                return
            functions, faults = indexing.result()
            routes = RouteTable(functions, self.host_json.http.route_prefix)
            functions = [item for item in functions if item.name not in routes.faults]
            await self._load_keys(functions)
            self.listeners.build(functions)
            faults |= routes.faults | self.listeners.faults
            admin = Admin(self.host_id, functions, faults, self.keys)
            admin.start = self.listeners.run_by_hand
            app = HttpApp(
                routes, self.keys, self.invoker, admin, self.host_json.http, self.settings
            )
            try:
                await self._serve(app, routes, functions, faults, stopping)
            finally:
                await app.close()
        finally:
            await self._close()

    async def _index(self) -> tuple[list[Function], dict[str, str]]:
        """The functions of the app. An app that cannot be imported has none: every route is 404."""
        try:
            indexed = await self.pool.index()
        except HostError as error:
            self.console.event(f"The app cannot be indexed: {error}")
            return [], {"": str(error).partition("\n")[0]}
        return read_functions(indexed, self.host_json.functions)

    async def _load_keys(self, functions: list[Function]) -> None:
        if not self.options.enforce_keys:
            return
        if not self.accounts.has(HOST_STORAGE):
            self.console.event(f"No {HOST_STORAGE}: only anonymous functions can be called")
            return
        try:
            await self.keys.load(functions)
        except AzureError as error:
            raise HostError(f"function keys cannot be read from {HOST_STORAGE}: {error}") from error

    async def _serve(
        self,
        app: HttpApp,
        routes: RouteTable,
        functions: list[Function],
        faults: Mapping[str, str],
        stopping: asyncio.Event,
    ) -> None:
        listening = open_socket(self.options)
        port: int = listening.getsockname()[1]
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(self.options.drain)),
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        self.listeners.start()
        self._announce(port, routes, functions, faults)
        await _first(serving, stopping)
        self.console.event("Stopping")
        self.listeners.stop()
        server.should_exit = True
        await asyncio.gather(serving, self.listeners.drain(self.options.drain))

    def _announce(
        self,
        port: int,
        routes: RouteTable,
        functions: list[Function],
        faults: Mapping[str, str],
    ) -> None:
        base = f"http://{self.options.address}:{port}"
        self.console.plain(f"Now listening on: {base}\n\nFunctions:\n")
        prefix = self.host_json.http.route_prefix.strip("/")
        shown = {
            route.function.name: f"[{route.methods_text}] "
            + "/".join(part for part in (base, prefix, route.text.strip("/")) if part)
            for route in routes.routes
        }
        for function in functions:
            self.console.plain(
                f"\t{function.name}: {shown.get(function.name, function.trigger.type)}\n"
            )
        for name, fault in faults.items():
            if name:
                self.console.event(f"The '{name}' function is in error: {fault}")
        self.console.plain("Host started")
        ready = {"port": port, "pid": os.getpid(), "functions": [item.name for item in functions]}
        line = json.dumps(ready) + "\n"
        if self.options.json_ready:
            print(line, end="", flush=True)
        if self.options.ready_fd is not None:
            os.write(self.options.ready_fd, line.encode())

    async def _close(self) -> None:
        await self.pool.close()
        # Invocations that were cut off have failed now; their messages are made visible again.
        await self.listeners.drain(2.0)
        await self.listeners.cancel()
        await self.accounts.close()


def open_socket(options: HostOptions) -> socket.socket:
    """Bind before anything is announced. Raises HostError if the port is taken."""
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    # With its protocol named: asyncio switches Nagle's algorithm off only then, and without that
    # every answer waits 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.address, options.port))
    except OSError as error:
        listening.close()
        raise HostError(f"port {options.port} is not available: {error}") from error
    listening.listen(128)
    return listening


async def _first(task: asyncio.Task[Any], stopping: asyncio.Event) -> None:
    """Wait until the task ends or the event is set, whichever comes first."""
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
