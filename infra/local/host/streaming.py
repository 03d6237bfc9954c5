"""HTTP streaming: the worker serves HTTP itself and the host passes requests on, unchanged.

An app that imports azurefunctions.extensions.http.fastapi announces its server in the capability
HttpUri
(https://learn.microsoft.com/azure/azure-functions/functions-reference-python#http-streams-preview).
The invocation goes the usual way without the request; the header x-ms-invocation-id joins the two.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from copy import replace

import httpx

from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.functions import Function
from infra.local.host.http_requests import Receive, Request, body_chunks, http_trigger
from infra.local.host.http_responses import Response
from infra.local.host.invoker import Invoker

SILENCE = 240.0  # seconds without a byte after which the platform gives up
# About one connection, not about the message (RFC 9110, 7.6.1); the date is our own server's.
HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "expect", "date",
}  # fmt: skip


class Forwarder:
    """Passes requests on to the HTTP server in the worker."""

    def __init__(self, invoker: Invoker) -> None:
        self.invoker = invoker
        # Retries are of connecting only: the worker announces its server before it listens.
        transport = httpx.AsyncHTTPTransport(retries=5, limits=httpx.Limits(max_connections=None))
        self.client = httpx.AsyncClient(transport=transport, timeout=SILENCE)

    async def forward(
        self, function: Function, request: Request, values: dict[str, str], receive: Receive
    ) -> Response:
        """The answer, its body still to come. Raises InvocationFailed."""
        call_id = str(uuid.uuid4())
        trigger = replace(http_trigger(request, values, b""), invocation_id=call_id)
        try:
            worker = await self.invoker.pool.worker(function.group)
        except HostError as error:
            raise InvocationFailed(str(error)) from error
        sending = asyncio.create_task(self._send(worker.http_uri, request, receive, call_id))
        invocation = asyncio.create_task(self.invoker.invoke(function, trigger))
        try:
            answer, _ = await asyncio.gather(sending, invocation)
        except BaseException as error:
            await self._give_up(sending, invocation)
            if isinstance(error, httpx.HTTPError):
                raise InvocationFailed(f"HTTP server of the worker: {error!r}") from error
            raise
        headers = [
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in answer.headers.raw
        ]
        kept = [(name, value) for name, value in headers if name not in HOP]
        return Response(answer.status_code, kept, chunks=_body(answer))

    async def _send(
        self, uri: str, request: Request, receive: Receive, call_id: str
    ) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name not in HOP}
        has_body = not {"content-length", "transfer-encoding"}.isdisjoint(request.headers)
        query = f"?{request.query_string}" if request.query_string else ""
        message = self.client.build_request(
            request.method,
            f"{uri}{request.raw_path}{query}",
            headers={**headers, "x-ms-invocation-id": call_id},
            content=body_chunks(receive) if has_body else None,
        )
        return await self.client.send(message, stream=True)

    async def _give_up(
        self, sending: asyncio.Task[httpx.Response], invocation: asyncio.Task[object]
    ) -> None:
        for task in (sending, invocation):
            task.cancel()
        answer, _ = await asyncio.gather(sending, invocation, return_exceptions=True)
        if isinstance(answer, httpx.Response):
            await answer.aclose()

    async def close(self) -> None:
        """Close all connections to the worker."""
        await self.client.aclose()


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()
