"""What may leave for the network, and how much may come back: the transport below the SDK.

Redirects are followed here, not by the SDK: within Graph's own origin, and away from it for a
download alone. What goes away is a bare GET, without our token or anything of ours; what comes back
from there is a file or a failure, never a link, a wait or a challenge. The address of a download lets
anybody fetch it for some minutes, so no span is made of that request. A download flows into its sink
here: the SDK would take it into memory first, and is shown an empty body.
"""

import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext

import httpx

from shared.core.errors import GraphUnavailable, MalformedAnswer
from shared.graph.exchange import EXCHANGE, Exchange, origin_of
from shared.graph.incoming import Incoming

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_NO_SUCH_RANGE = 416
_HOPS = 5
_MEGABYTE = 1 << 20
# A page of a thousand users with all they have is a few megabytes, the report of a tenant with a
# million mailboxes two hundred: that one is a download.
PAGE_MEGABYTES = 64
_UNSEEN = ("set-cookie", "content-encoding", "content-length", "transfer-encoding")


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends to one Graph, and to where it redirects a download."""

    def __init__(self, sockets: httpx.AsyncBaseTransport, endpoint: str) -> None:
        self._sockets = sockets
        self._home = origin_of(endpoint)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer that ends a chain of redirects.

        Raises MalformedAnswer for one that leads nowhere or away, and for what is neither success
        nor error; GraphUnavailable when a download is refused; while the body is read, MalformedAnswer
        if it is too large.
        """
        exchange = EXCHANGE.get() or Exchange()
        away = False
        for _ in range(_HOPS + 1):
            if away:
                with _unobserved():
                    response = await self._sockets.handle_async_request(request)
            else:
                response = await self._ask_graph(request, exchange)
            if response.status_code in _REDIRECTS:
                await response.aclose()
                request = self._redirected(request, response, exchange)
                away = away or origin_of(str(request.url)) != self._home
                continue
            if exchange.incoming is not None and (away or response.status_code == 200):
                return await _taken(response, exchange.incoming)
            if response.status_code < 400 and not _is_success(response, exchange):
                await response.aclose()
                raise MalformedAnswer("graph_malformed", reason=f"HTTP {response.status_code}")
            return _bounded(response)
        raise MalformedAnswer("graph_malformed", reason="it redirects without end")

    async def _ask_graph(self, request: httpx.Request, exchange: Exchange) -> httpx.Response:
        """Send to Graph. Where no connection came about, nothing can have reached it."""
        exchange.status, exchange.sent = 0, True
        try:
            response = await self._sockets.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            exchange.sent = False
            raise
        exchange.note(response.status_code, response.headers)
        return response

    async def send_away(self, request: httpx.Request) -> httpx.Response:
        """Send to an address that Graph handed out, which lets in whoever knows it: no span, no hop."""
        if request.url.scheme != "https" or not request.url.host:
            raise MalformedAnswer("graph_link_foreign")
        with _unobserved():
            response = await self._sockets.handle_async_request(request)
        if response.status_code in _REDIRECTS:
            await response.aclose()
            raise MalformedAnswer("graph_malformed", reason=f"HTTP {response.status_code}")
        return _bounded(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sockets.aclose()

    def _redirected(
        self, request: httpx.Request, response: httpx.Response, exchange: Exchange
    ) -> httpx.Request:
        """Return the request that follows a redirect; MalformedAnswer if none may."""
        status = response.status_code
        try:
            url = request.url.join(response.headers["location"])
            there = origin_of(str(url))
        except (KeyError, ValueError, httpx.InvalidURL):
            raise MalformedAnswer("graph_malformed", reason=f"HTTP {status} to nowhere") from None
        timeout = {"timeout": request.extensions.get("timeout")}
        if there == self._home == origin_of(str(request.url)):
            if request.method != "GET" and status not in _KEEP_METHOD:
                reason = f"HTTP {status} to a {request.method}"
                raise MalformedAnswer("graph_malformed", reason=reason)
            return httpx.Request(
                request.method,
                url,
                headers=request.headers,
                stream=request.stream,
                extensions=timeout,
            )
        if exchange.incoming is None or url.scheme != "https" or not url.host:
            raise MalformedAnswer("graph_link_foreign")
        return httpx.Request("GET", url, headers=exchange.incoming.wishes(), extensions=timeout)


def _is_success(response: httpx.Response, exchange: Exchange) -> bool:
    """What is asked for comes with a 200; what is written may be answered by any success."""
    return response.status_code == 200 or (exchange.writes and response.is_success)


def _unobserved() -> AbstractContextManager[object]:
    """Keep instrumentation, if there is any, from making a span with the URL of what is sent."""
    if "opentelemetry.instrumentation" not in sys.modules:
        return nullcontext()
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    return suppress_instrumentation()


async def _taken(response: httpx.Response, incoming: Incoming) -> httpx.Response:
    """Let the body flow into its sink; return the response without it.

    Raises GraphUnavailable for a refusal: it says nothing about our permissions, and a new address
    may serve. One of a range tells that there is another file now.
    """
    try:
        if response.status_code not in (200, 206):
            if response.status_code == _NO_SUCH_RANGE:
                await incoming.forget()
            raise GraphUnavailable("graph_unreachable", reason="the download failed")
        await incoming.take(response.status_code, response.headers, _unpacked(response))
    finally:
        await response.aclose()
    return httpx.Response(200, headers=_kept(response), content=b"")


def _kept(response: httpx.Response) -> list[tuple[str, str]]:
    return [(k, v) for k, v in response.headers.multi_items() if k not in _UNSEEN]


def _bounded(response: httpx.Response) -> httpx.Response:
    """Return the response as one whose body is unpacked here, up to a size."""
    return httpx.Response(
        response.status_code,
        headers=_kept(response),
        stream=_Body(response),
        extensions=response.extensions,
    )


class _Body(httpx.AsyncByteStream):
    """A body unpacked while it arrives: a small one may unpack to more than the memory holds."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in _unpacked(self._response):
            size += len(chunk)
            if size > PAGE_MEGABYTES * _MEGABYTE:
                reason = f"it is larger than {PAGE_MEGABYTES} MB"
                raise MalformedAnswer("graph_malformed", reason=reason)
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


async def _unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    packed = response.stream
    assert isinstance(packed, httpx.AsyncByteStream)  # noqa: S101 - an async transport's
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        async for chunk in packed:
            yield chunk
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise MalformedAnswer("graph_malformed", reason="its encoding was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, as the head says
    begun = False
    try:
        async for chunk in packed:
            begun = begun or bool(chunk)
            while chunk:
                yield unpack.decompress(chunk, _MEGABYTE)
                chunk = unpack.unconsumed_tail  # noqa: PLW2901 - what is left of this one
    except zlib.error:
        raise MalformedAnswer("graph_malformed", reason="its compression is broken") from None
    if begun and not unpack.eof:
        raise GraphUnavailable("graph_unreachable", reason="the body was cut")
