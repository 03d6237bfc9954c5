"""The one way to Microsoft Graph: msgraph-sdk signs in and maps errors; we take bytes.

The SDK's models cost two orders of magnitude more than the bytes they are made from, so they are
never built here. Its retry handler is off: waits are ours, shared by all workers (see governor).
"""

import asyncio
import random
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit
from uuid import UUID

from shared.core.errors import (
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotPermitted,
    Throttled,
)
from shared.core.settings import Settings
from shared.core.telemetry import GRAPH_REQUESTS
from shared.graph.exchange import EXCHANGE, Exchange, origin_of
from shared.graph.governor import LONGEST_SLEEP, Governor
from shared.graph.refusals import refusal, retry_after_of, status_of
from shared.identity.credentials import TenantTokens

if TYPE_CHECKING:
    import httpx
    from kiota_abstractions.api_error import APIError
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.graph_request_adapter import GraphRequestAdapter

    from shared.graph.transport import GuardedTransport

type Headers = tuple[tuple[str, str], ...]

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
# One answer, however slowly it trickles in.
_ANSWER_SECONDS = 300.0
_CONNECTIONS = 8
_IDLE = 2  # kept open per tenant, of which a worker may serve hundreds


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try in place: `attempts` per request, the first back-off in seconds, doubled
    each time and jittered by half."""

    attempts: int = 4
    first: float = 1.0

    def backoff(self, attempt: int) -> float:
        """Return the seconds to wait after the attempt number `attempt`, counted from 0."""
        return float(self.first * 2**attempt * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


class GraphClient:
    """Microsoft Graph of one tenant. Bound to the event loop that first uses it."""

    def __init__(
        self,
        settings: Settings,
        tenant_id: UUID,
        governor: Governor,
        patience: Patience | None = None,
    ) -> None:
        self.endpoint = settings.graph_endpoint
        self.governor = governor
        self.patience = patience or Patience()
        self.tokens = TenantTokens(settings, tenant_id)
        self._settings = settings
        self._sockets: GuardedTransport | None = None
        self._adapter: GraphRequestAdapter | None = None

    async def get(
        self,
        url: str,
        *,
        bucket: str,
        cost: float = 1,
        headers: Headers = (),
        download: bool = False,
    ) -> bytes:
        """Return the body of a 200, redirects within Graph followed.

        `url` is absolute, for instance a nextLink, taken verbatim. A `download` may be redirected to
        another host, which sees nothing of ours. Raises the GraphError that
        `refusal` names; transient ones only after `patience` is spent, and Throttled at once when
        Graph asks for a wait of more than 30 seconds.
        """
        return await self._persist("GET", url, None, bucket, cost, headers, download=download)

    async def post(self, url: str, body: bytes, *, bucket: str, cost: float = 1) -> bytes:
        """Return the body of a 200 for a JSON `body`. Only for requests that are safe to repeat."""
        return await self._persist("POST", url, body, bucket, cost, ())

    def owns(self, url: str) -> bool:
        """Tell whether `url` leads to this Graph: anybody else would be shown our token."""
        try:
            return origin_of(url) == origin_of(self.endpoint)
        except ValueError:
            return False

    async def aclose(self) -> None:
        """Close the connections to Graph and Entra."""
        self.tokens.forget()
        if self._sockets is not None:
            await self._sockets.aclose()
            self._sockets = self._adapter = None

    async def _persist(
        self,
        method: str,
        url: str,
        body: bytes | None,
        bucket: str,
        cost: float,
        headers: Headers,
        *,
        download: bool = False,
    ) -> bytes:
        if not self.owns(url):
            raise MalformedAnswer("graph_link_foreign")
        for attempt in range(self.patience.attempts):
            last = attempt == self.patience.attempts - 1
            await self.governor.spend(bucket, cost)
            exchange = Exchange(download=download)
            EXCHANGE.set(exchange)
            try:
                answer = await self._measured(
                    bucket, self._send(method, url, body, headers, self.patience.backoff(attempt))
                )
                await self.governor.settle(bucket, cost, exchange)
                return answer
            except Throttled as error:
                await self.governor.penalize(bucket, error.retry_after)
                if last or error.retry_after > LONGEST_SLEEP:
                    raise
            except GraphUnavailable:
                if last:
                    raise
                await asyncio.sleep(self.patience.backoff(attempt))
            except NotPermitted as error:
                self.tokens.forget()  # it may have expired, or be older than the consent
                if last or attempt > 0 or error.code != "graph_unauthorized":
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _measured(self, bucket: str, sending: Awaitable[bytes]) -> bytes:
        status = "2xx"
        try:
            return await sending
        except KanriError as error:
            status = status_of(error)
            raise
        finally:
            GRAPH_REQUESTS.emit(1, service=bucket, status=status)

    async def _send(
        self, method: str, url: str, body: bytes | None, headers: Headers, backoff: float
    ) -> bytes:
        import httpx
        from kiota_abstractions.api_error import APIError
        from msgraph.generated.models.o_data_errors.o_data_error import ODataError

        adapter = self._open()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
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
        if not isinstance(answer, bytes):
            raise MalformedAnswer("graph_malformed", reason="the body is empty")
        return answer

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
            provider = AzureIdentityAuthenticationProvider(
                self.tokens,
                scopes=[f"{self.endpoint}/.default"],
                allowed_hosts=[urlsplit(self.endpoint).hostname],
            )
            self._adapter = GraphRequestAdapter(provider, client=_http_client(self._sockets))
        return self._adapter


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
