"""The ASGI application that stands in front of the functions."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.local.host.admin import Admin
from infra.local.host.errors import InvocationFailed
from infra.local.host.host_json import HttpOptions
from infra.local.host.http_requests import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Request,
    Scope,
    Send,
    http_trigger,
    read_body,
    read_request,
)
from infra.local.host.http_responses import Response, build_response, plain
from infra.local.host.invoker import Invoker
from infra.local.host.keys import Keys
from infra.local.host.routing import RouteTable
from infra.local.host.settings import is_disabled

if TYPE_CHECKING:
    from infra.local.host.streaming import Forwarder

HOMEPAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Functions host</title></head>"
    "<body><h1>Your Functions app is up and running</h1></body></html>"
)


class HttpApp:
    """Answers each request: the host's own routes, then functions, then the home page."""

    def __init__(
        self,
        routes: RouteTable,
        keys: Keys,
        invoker: Invoker,
        admin: Admin,
        options: HttpOptions,
        settings: Mapping[str, str],
    ) -> None:
        self.routes, self.keys, self.invoker, self.admin = routes, keys, invoker, admin
        self.options, self.settings = options, settings
        self.outstanding = 0
        limit = options.max_concurrent_requests
        self.slots = asyncio.Semaphore(limit) if limit > 0 else None
        self.forwarder = _forwarder(invoker) if invoker.pool.streams else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP exchange; WebSockets are refused by the server."""
        if scope["type"] != "http":
            return
        request = read_request(scope)
        try:
            response = await self._answer(request, receive)
        except ClientGone:
            return
        except BodyTooLarge:
            response = plain(413)
        told = [*response.headers, *self._custom(response)]
        headers = [(name.encode("latin-1"), v.encode("latin-1")) for name, v in told]
        body = response.body if response.has_body else b""
        if response.has_body and response.chunks is None:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if response.chunks is not None:
            async for chunk in response.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": body})

    def _custom(self, response: Response) -> list[tuple[str, str]]:
        """The headers of host.json that the response lacks, whoever made it.

        https://github.com/Azure/azure-functions-host (CustomHttpHeadersMiddleware)
        """
        there = {name.lower() for name, _ in response.headers}
        return [
            (name.lower(), value)
            for name, value in self.options.custom_headers
            if name.lower() not in there
        ]

    async def close(self) -> None:
        """Close connections to workers that serve HTTP themselves."""
        if self.forwarder is not None:
            await self.forwarder.close()

    async def _answer(self, request: Request, receive: Receive) -> Response:
        first = request.raw_path.strip("/").split("/")[0].lower()
        if first in ("admin", "runtime"):
            return await self.admin.answer(request, receive)
        limit = self.options.max_outstanding_requests
        if 0 < limit <= self.outstanding:
            return Response(429, [("x-function-scaleout", "1")])
        self.outstanding += 1
        try:
            if self.slots is None:
                return await self._call(request, receive)
            async with self.slots:
                return await self._call(request, receive)
        finally:
            self.outstanding -= 1

    async def _call(self, request: Request, receive: Receive) -> Response:
        found = self.routes.find(request.method, request.raw_path)
        if found is None:
            return self._homepage(request)
        route, values = found
        function = route.function
        if is_disabled(self.settings, function.name) and not self.keys.is_admin(request.key):
            return plain(404)
        if not self.keys.allows(request.key, function):
            return plain(401)
        try:
            if self.forwarder is not None:
                return await self.forwarder.forward(function, request, values, receive)
            body = await read_body(request, receive)
            result = await self.invoker.invoke(function, http_trigger(request, values, body))
            return build_response(function, result)
        except InvocationFailed:
            return plain(500)
        except (KeyError, TypeError, ValueError) as error:
            self.invoker.console.event(f"'{function.name}' returned a bad response: {error!r}")
            return plain(500)

    def _homepage(self, request: Request) -> Response:
        if request.raw_path != "/" or request.method != "GET":
            return plain(404)
        if self.settings.get("AzureWebJobsDisableHomepage", "").lower() == "true":
            return plain(204)
        return Response(200, [("content-type", "text/html; charset=utf-8")], HOMEPAGE.encode())


def _forwarder(invoker: Invoker) -> "Forwarder":
    # Imported on use: few apps stream, and an HTTP client takes its time to import.
    from infra.local.host.streaming import Forwarder

    return Forwarder(invoker)
