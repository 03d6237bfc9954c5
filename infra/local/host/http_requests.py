"""HTTP requests as a function sees them on the platform's classic (not streaming) path."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from infra.local.host.invoker import Trigger
from infra.local.host.wire import HttpData, Typed, http_typed

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_LIMIT = 100 * 1024 * 1024


class BodyTooLarge(Exception):
    """The request body is longer than the 100 MiB that the host takes."""


class ClientGone(Exception):
    """The client went away before its request was complete."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `raw_path` percent-encoded, header names lower case, repeats joined by ","."""

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    query: dict[str, str]
    scheme: str

    @property
    def key(self) -> str | None:
        """The presented function key: the header wins over the query."""
        return self.headers.get("x-functions-key") or self.query.get("code")

    @property
    def url(self) -> str:
        """The URL as the platform rebuilds it, from Host and the front end's headers."""
        scheme = self.headers.get("x-forwarded-proto", self.scheme).split(",")[0]
        host = self.headers.get("disguised-host") or self.headers.get("host", "localhost")
        query = f"?{self.query_string}" if self.query_string else ""
        return f"{scheme}://{host}{self.raw_path}{query}"


def read_request(scope: Scope) -> Request:
    """Read the head of a request. Empty query values are dropped, as the platform does."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query: dict[str, str] = {}
    query_string = scope["query_string"].decode("latin-1")
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        query_string=query_string,
        headers=headers,
        query={name: value for name, value in query.items() if value},
        scheme=scope["scheme"],
    )


async def read_body(request: Request, receive: Receive) -> bytes:
    """The body, which exists only with a Content-Length: a chunked upload arrives empty.

    Raises BodyTooLarge and ClientGone.
    """
    length = int(request.headers.get("content-length", "0"))
    if length == 0:
        return b""
    if length > BODY_LIMIT:
        raise BodyTooLarge
    return b"".join([chunk async for chunk in body_chunks(receive)])


async def body_chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The body as it comes. Raises ClientGone."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def http_trigger(request: Request, route_values: dict[str, str], body: bytes) -> Trigger:
    """The trigger of an HTTP function for a request; the caller's trace context goes along."""
    data = HttpData(
        method=request.method,
        url=request.url,
        headers=request.headers,
        query=request.query,
        params=route_values,
        body=Typed("bytes", body) if body else None,
    )
    return Trigger(
        reason="This function was programmatically called via the host APIs.",
        value=http_typed(data),
        data={**request.query, **route_values},
        trace_parent=request.headers.get("traceparent", ""),
        trace_state=request.headers.get("tracestate", ""),
    )
