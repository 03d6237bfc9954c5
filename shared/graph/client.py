"""The one way to Microsoft Graph: what is read may be asked for again, what is written may not."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from shared.core.errors import (
    GraphError,
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotPermitted,
    OutcomeUnknown,
    Throttled,
)
from shared.core.logs import log
from shared.core.settings import Settings
from shared.graph.adapter import Adapter, Headers
from shared.graph.exchange import GRAPH_REQUESTS, Exchange, origin_of
from shared.graph.governor import LONGEST_SLEEP, Governor
from shared.graph.incoming import Incoming, Sink
from shared.graph.refusals import retry_after_of, status_class, status_of
from shared.graph.tally import Tally
from shared.identity.tenant_tokens import TenantTokens

_SLOW_DOWN, _FAILED = 429, 500
_MEGABYTE = 1 << 20
# The report of a tenant with a million mailboxes has two hundred.
FILE_MEGABYTES = 512


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try in place: `attempts` per request, the first back-off in seconds, doubled
    each time and jittered by half."""

    attempts: int = 4
    first: float = 1.0

    def backoff(self, attempt: int) -> float:
        """Return the seconds to wait after the attempt number `attempt`, counted from 0."""
        return float(self.first * 2**attempt * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


@dataclass(frozen=True, slots=True)
class Written:
    """What Graph answered to a write that it did: 2xx, the body (often empty) and the headers."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def location(self) -> str | None:
        """Where what was created, or the work that was begun, is to be found."""
        return self.headers.get("location")


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request as often as it is sent."""

    method: str
    url: str
    body: bytes | None
    headers: Headers
    bucket: str
    cost: float


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
        self.tally = Tally()
        self.tokens = TenantTokens(settings, tenant_id)
        self._adapter = Adapter(settings, self.tokens)

    async def read(
        self,
        url: str,
        body: bytes | None = None,
        *,
        bucket: str,
        cost: float = 1,
        headers: Headers = (),
    ) -> bytes:
        """Return the body of a 200, redirects within Graph followed.

        `url` is absolute, for instance a nextLink, taken verbatim. With a JSON `body` it is posted:
        a question, or a batch of them, that may be asked again; what changes something is
        `write`'s. Raises the GraphError that `refusal` names; transient ones only after `patience` is spent, and Throttled at once when
        Graph asks for a wait of more than 30 seconds.
        """
        ask = _Ask("GET" if body is None else "POST", url, body, headers, bucket, cost)
        for attempt in range(self.patience.attempts):
            try:
                answer = await self._once(ask, Exchange(), attempt)
            except GraphError as error:
                if not await self.again(error, attempt):
                    raise
            else:
                if not answer:
                    raise MalformedAnswer("graph_malformed", reason="the body is empty")
                return answer
        raise AssertionError("the last attempt returns or raises")

    async def download(
        self,
        url: str,
        sink: Sink,
        *,
        bucket: str,
        cost: float = 1,
        most_megabytes: int = FILE_MEGABYTES,
    ) -> int:
        """Let a file flow into `sink`, never more than a piece of it in memory; return its bytes.

        Graph may redirect it to another host, which sees nothing of ours. What is cut goes on where
        it stopped, from a new address; each whole megabyte makes up for the tries before it. Raises
        as `read`, and MalformedAnswer for a file that is larger than `most_megabytes`.
        """
        incoming = Incoming(sink, most_megabytes)
        ask = _Ask("GET", url, None, (), bucket, cost)
        attempt = 0
        while True:
            before = incoming.received
            try:
                await self._once(ask, Exchange(incoming=incoming), attempt)
            except GraphError as error:
                if incoming.received - before >= _MEGABYTE:
                    attempt = 0
                if not await self.again(error, attempt):
                    raise
                attempt += 1
            else:
                return incoming.received

    async def write(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        bucket: str,
        cost: float = 1,
        headers: Headers = (),
    ) -> Written:
        """Change something by POST, PATCH, PUT or DELETE with a JSON `body`; return the answer.

        It is sent again only when it is certain that Graph did not do it: no connection came about,
        Graph threw it back before looking at it (429, 503 with Retry-After), or wanted a fresh
        token. Raises OutcomeUnknown when it may have been done, else as `read`.
        """
        own = str(uuid4())  # one for all attempts: what Microsoft's support asks for
        all_headers = (*headers, ("client-request-id", own))
        ask = _Ask(method, url, body, all_headers, bucket, cost)
        for attempt in range(self.patience.attempts):
            exchange = Exchange(writes=True)
            try:
                answer = await self._once(ask, exchange, attempt)
            except GraphError as error:
                if _may_be_done(error, exchange):
                    status = exchange.status or "-"
                    raise OutcomeUnknown("outcome_unknown", status=status, request=own) from error
                if not await self.again(error, attempt):
                    raise
            else:
                return Written(exchange.status, answer, exchange.headers)
        raise AssertionError("the last attempt returns or raises")

    async def send_away(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        bucket: str,
        cost: float = 1,
        headers: Headers = (),
    ) -> Written:
        """Send without our token, once, to an address that Graph handed out; return what it answers.

        The budget is spent and a wait kept as everywhere. Raises GraphUnavailable when no answer came
        through, MalformedAnswer for an address that is none.
        """
        await self.governor.spend(bucket, cost)
        status = "network"
        try:
            told, said, answer = await self._adapter.send_away(method, url, body, headers)
            status = status_class(told)
        finally:
            GRAPH_REQUESTS.emit(1, service=bucket, status=status)
        wait = retry_after_of(said)
        if told == _SLOW_DOWN or (wait is not None and told >= _FAILED):
            await self.governor.penalize(bucket, self.patience.backoff(0) if wait is None else wait)
        return Written(told, answer, said)

    async def again(self, error: GraphError, attempt: int) -> bool:
        """Wait where that may help; tell whether to try once more after attempt number `attempt`."""
        if isinstance(error, NotPermitted):
            self.tokens.forget()  # it may have expired, or be older than the consent
            worth = attempt == 0 and error.code == "graph_unauthorized"
        elif isinstance(error, Throttled):  # the penalty is waited out before the next one is sent
            worth = error.retry_after <= LONGEST_SLEEP
        else:
            worth = isinstance(error, GraphUnavailable)
        if not worth or attempt == self.patience.attempts - 1:
            return False
        if isinstance(error, GraphUnavailable):
            await asyncio.sleep(self.patience.backoff(attempt))
        return True

    def owns(self, url: str) -> bool:
        """Tell whether `url` leads to this Graph: anybody else would be shown our token."""
        try:
            return origin_of(url) == origin_of(self.endpoint)
        except ValueError:
            return False

    async def aclose(self) -> None:
        """Close the connections to Graph and Entra."""
        self.tokens.forget()
        await self._adapter.aclose()

    async def _once(self, ask: _Ask, exchange: Exchange, attempt: int) -> bytes:
        """Send when the budget allows; keep for all workers what Graph says of its limits."""
        if not self.owns(ask.url):
            raise MalformedAnswer("graph_link_foreign")
        await self.governor.spend(ask.bucket, ask.cost, writes=exchange.writes)
        sending = self._adapter.send(
            ask.method, ask.url, ask.body, ask.headers, exchange, self.patience.backoff(attempt)
        )
        try:
            answer = await self._measured(ask.bucket, sending)
        except Throttled as error:
            await self.governor.penalize(ask.bucket, error.retry_after, writes=exchange.write_limit)
            raise
        await self._settle(ask, exchange)
        return answer

    async def _measured(self, bucket: str, sending: Awaitable[bytes]) -> bytes:
        status, began = "2xx", time.monotonic()
        try:
            return await sending
        except KanriError as error:
            status = status_of(error)
            raise
        finally:
            GRAPH_REQUESTS.emit(1, service=bucket, status=status)
            self.tally.add(bucket, status, (time.monotonic() - began) * 1000)

    async def _settle(self, ask: _Ask, exchange: Exchange) -> None:
        """Note what it cost. What is written is written, whether that can be noted or not."""
        try:
            await self.governor.settle(ask.bucket, ask.cost, exchange)
        except KanriError as error:
            if not exchange.writes:
                raise
            log("write_not_settled", level=logging.WARNING, service=ask.bucket, cause=error.code)


def _may_be_done(error: GraphError, exchange: Exchange) -> bool:
    """Whether Graph may have done what was asked for, although that is not what it said.

    A refusal (4xx) is certain, and so is that a gate in front of the service threw the request back.
    A 5xx is not: it is answered, too, by a service whose answer was lost behind the gate.
    """
    if not exchange.sent:
        return False
    if isinstance(error, Throttled):
        return exchange.status not in (429, 503)
    return isinstance(error, GraphUnavailable | MalformedAnswer)
