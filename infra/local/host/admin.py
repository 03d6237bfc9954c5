"""The host's own routes under /admin."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable

from infra.local.host.functions import Function
from infra.local.host.http_requests import Receive, Request, read_body
from infra.local.host.http_responses import Response, json_response, plain
from infra.local.host.keys import Keys

type Start = Callable[[Function, str], Awaitable[None]]


class Admin:
    """Liveness, status, and running a timer or queue function by hand; needs the master key.

    https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
    """

    def __init__(
        self, host_id: str, functions: list[Function], faults: dict[str, str], keys: Keys
    ) -> None:
        self.host_id, self.functions, self.faults, self.keys = host_id, functions, faults, keys
        self.start: Start | None = None
        self.running: set[asyncio.Task[None]] = set()
        self.begun = time.monotonic()

    async def answer(self, request: Request, receive: Receive) -> Response:
        """Answer a request under /admin or /runtime."""
        path = request.raw_path.strip("/").lower().split("/")
        if path == ["admin", "host", "ping"]:
            return plain(200) if request.method in ("GET", "POST") else plain(404)
        if path[:2] not in (["admin", "host"], ["admin", "functions"], ["admin", "warmup"]):
            return plain(404)
        if self.keys.enforced and not self.keys.is_admin(request.key):
            return plain(401)
        if path == ["admin", "host", "status"] and request.method == "GET":
            return self._status()
        if path == ["admin", "functions"] and request.method == "GET":
            return json_response([_describe(function) for function in self.functions])
        if path == ["admin", "warmup"] and request.method in ("GET", "POST"):
            return await self._warm_up()
        if len(path) == 3 and path[1] == "functions" and request.method == "POST":
            return await self._run(path[2], request, receive)
        return plain(404)

    def _status(self) -> Response:
        status = {
            "id": self.host_id,
            "state": "Error" if "" in self.faults else "Running",
            "version": "4.1037.0.0",
            "processUptime": round((time.monotonic() - self.begun) * 1000),
            "processId": os.getpid(),
            "errors": [f"{name}: {fault}".strip(": ") for name, fault in self.faults.items()],
        }
        return json_response(status)

    async def _warm_up(self) -> Response:
        """Run the warm-up functions, as the platform does before it sends requests here."""
        for function in self.functions:
            if function.trigger.type == "warmupTrigger" and self.start is not None:
                await self.start(function, "")
        return plain(200)

    async def _run(self, name: str, request: Request, receive: Receive) -> Response:
        function = next((item for item in self.functions if item.name.lower() == name), None)
        if function is None or self.start is None:
            return plain(404)
        try:
            document = json.loads(await read_body(request, receive) or b"{}")
        except ValueError:
            return plain(400)
        if not isinstance(document, dict) or function.trigger.type == "httpTrigger":
            return plain(400)
        text = document.get("input")
        text = text if isinstance(text, str) else "" if text is None else json.dumps(text)
        task = asyncio.ensure_future(self.start(function, text))
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return plain(202)


def _describe(function: Function) -> dict[str, object]:
    bindings = [function.trigger, *function.inputs, *function.outputs]
    return {
        "name": function.name,
        "language": "python",
        "config": {"bindings": [dict(binding.properties) for binding in bindings]},
    }
