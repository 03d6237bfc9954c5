"""The SDK's request adapter of one tenant: it signs in and maps errors; we take bytes.

The SDK's models cost two orders of magnitude more than the bytes they are made from, so they are
never built here. Its retry handler is off: waits are ours, shared by all workers (see governor).
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from shared.core.errors import GraphUnavailable, KanriError, MalformedAnswer
from shared.core.settings import Settings
from shared.graph.exchange import EXCHANGE, Exchange
from shared.graph.refusals import refusal, retry_after_of
from shared.identity.tenant_tokens import TenantTokens

if TYPE_CHECKING:
    import httpx
    from kiota_abstractions.api_error import APIError
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.graph_request_adapter import GraphRequestAdapter

    from shared.graph.transport import GuardedTransport

type Headers = tuple[tuple[str, str], ...]

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
# One answer, however slowly it trickles in; of a download each megabyte.
_ANSWER_SECONDS = 300.0
_CONNECTIONS = 8
_IDLE = 2  # kept open per tenant, of which a worker may serve hundreds


class Adapter:
    """Sends one request at a time, once. Bound to the event loop that first uses it."""

    def __init__(self, settings: Settings, tokens: TenantTokens) -> None:
        self._settings = settings
        self._tokens = tokens
        self._sockets: GuardedTransport | None = None
        self._adapter: GraphRequestAdapter | None = None

    async def send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Headers,
        exchange: Exchange,
        backoff: float,
    ) -> bytes:
        """Return the body of an answer that is no refusal, empty if there is none.

        What `exchange` allows and tells: see there. Raises the error that `refusal` names; `backoff`
        is the wait where Graph asks for none. GraphUnavailable when no answer came through,
        MalformedAnswer for one that cannot be read.
        """
        import httpx
        from kiota_abstractions.api_error import APIError
        from msgraph.generated.models.o_data_errors.o_data_error import ODataError

        adapter = self._open()
        EXCHANGE.set(exchange)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS) as limit:
                if exchange.incoming is not None:
                    exchange.incoming.progress = partial(_put_off, limit)
                answer = await adapter.send_primitive_async(
                    _request(method, url, body, headers), "bytes", {"XXX": ODataError}
                )
        except KanriError:
            raise
        except APIError as error:
            raise _refused(error, backoff) from None
        except httpx.InvalidURL as error:
            raise MalformedAnswer("graph_malformed", reason="a link is no URL") from error
        except (httpx.HTTPError, OSError) as error:  # a TimeoutError is an OSError
            raise GraphUnavailable("graph_unreachable", reason=type(error).__name__) from error
        except Exception as error:
            raise MalformedAnswer("graph_malformed", reason=type(error).__name__) from error
        return answer if isinstance(answer, bytes) else b""

    async def send_away(
        self, method: str, url: str, body: bytes | None, headers: Headers
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send without our token to an address that Graph handed out; return whatever is answered.

        Raises GraphUnavailable when no answer came through, MalformedAnswer for an address that is
        none, or an answer that leads elsewhere.
        """
        import httpx

        self._open()
        assert self._sockets is not None  # noqa: S101 - it was just opened
        timeouts = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS).as_dict()
        all_headers = [("Accept-Encoding", "gzip"), *headers]
        try:
            request = httpx.Request(
                method, url, headers=all_headers, content=body, extensions={"timeout": timeouts}
            )
            async with asyncio.timeout(_ANSWER_SECONDS):
                response = await self._sockets.send_away(request)
                try:
                    answer = await response.aread()
                finally:
                    await response.aclose()
        except httpx.InvalidURL:
            raise MalformedAnswer("graph_link_foreign") from None
        except (httpx.HTTPError, OSError) as error:
            # Not from the error: it may quote the address.
            raise GraphUnavailable("graph_unreachable", reason=type(error).__name__) from None
        return response.status_code, response.headers, answer

    async def aclose(self) -> None:
        """Close the connections."""
        if self._sockets is not None:
            await self._sockets.aclose()
            self._sockets = self._adapter = None

    def _open(self) -> "GraphRequestAdapter":
        """Build the SDK's adapter over an HTTP/1.1 client: h2 in pure Python costs half as much again."""
        if self._adapter is None:
            from kiota_abstractions.api_client_builder import register_default_deserializer
            from kiota_authentication_azure.azure_identity_authentication_provider import (
                AzureIdentityAuthenticationProvider,
            )
            from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
            from msgraph.graph_request_adapter import GraphRequestAdapter

            register_default_deserializer(JsonParseNodeFactory)
            self._sockets = _sockets(self._settings)
            endpoint = self._settings.graph_endpoint
            provider = AzureIdentityAuthenticationProvider(
                self._tokens,
                scopes=[f"{endpoint}/.default"],
                allowed_hosts=[urlsplit(endpoint).hostname],
            )
            self._adapter = GraphRequestAdapter(provider, client=_http_client(self._sockets))
        return self._adapter


def _put_off(limit: asyncio.Timeout) -> None:
    limit.reschedule(asyncio.get_running_loop().time() + _ANSWER_SECONDS)


@cache
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom we trust, read once per worker: with all public CAs it takes half a megabyte."""
    return ssl.create_default_context(cafile=ca_file)


def _sockets(settings: Settings) -> "GuardedTransport":
    """Open the connections. Kept apart from the client: the SDK's pipeline does not close them."""
    import httpx

    from shared.graph.transport import GuardedTransport

    sockets = httpx.AsyncHTTPTransport(
        verify=_trust(settings.ca_file),
        limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE),
    )
    return GuardedTransport(sockets, settings.graph_endpoint)


def _http_client(sockets: "GuardedTransport") -> "httpx.AsyncClient":
    import httpx
    from kiota_http.middleware.options import RetryHandlerOption
    from msgraph.graph_request_adapter import options
    from msgraph_core import GraphClientFactory

    client = httpx.AsyncClient(
        transport=sockets, timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    )
    no_retry = RetryHandlerOption(should_retry=False)
    return cast(
        "httpx.AsyncClient",
        GraphClientFactory.create_with_default_middleware(
            client=client, options={**options, RetryHandlerOption.get_key(): no_retry}
        ),
    )


def _request(method: str, url: str, body: bytes | None, headers: Headers) -> "RequestInformation":
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation

    request = RequestInformation()
    request.http_method = Method(method)
    request.url = url
    request.headers.try_add("Accept", "application/json, application/octet-stream")
    request.headers.try_add("Accept-Encoding", "gzip")  # the transport unpacks no other
    for name, value in headers:
        request.headers.try_add(name, value)
    if body is not None:
        request.set_stream_content(body, "application/json")
    return request


def _refused(error: "APIError", backoff: float) -> KanriError:
    main = getattr(error, "error", None)
    inner = getattr(main, "inner_error", None)
    headers = dict(error.response_headers or {})
    return refusal(
        error.response_status_code or 0,
        getattr(main, "code", None) or "",
        getattr(main, "message", None) or "",
        request_id=getattr(inner, "request_id", None) or headers.get("request-id", ""),
        retry_after=retry_after_of(headers),
        backoff=backoff,
    )
