"""Reads the first page below each of up to twenty parents by one `$batch`, retrying items alone.

https://learn.microsoft.com/en-us/graph/json-batching: the outer 200 says nothing about the items;
answers come in any order; each throttled item carries its own Retry-After. The SDK's batch classes
do none of that (they also misspell `dependsOn`), so the body is written here.
"""

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import msgspec

from shared.core.collector import Collector
from shared.core.errors import (
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotLicensed,
    NotPermitted,
    Throttled,
)
from shared.core.rows import Parent, Rows
from shared.graph.client import GraphClient
from shared.graph.decoding.pages import Page, decoder_of
from shared.graph.exchange import GRAPH_REQUESTS, Exchange
from shared.graph.governor import LONGEST_SLEEP
from shared.graph.reasking import as_json, asked_again
from shared.graph.refusals import refusal, retry_after_of, status_class
from shared.graph.requests import child_path, headers_of

BATCH_SIZE = 20


class _Item(msgspec.Struct):
    id: str | int
    status: int
    headers: dict[str, object] | None = None
    body: msgspec.Raw = msgspec.Raw(b"")


class _Answer(msgspec.Struct):
    responses: list[msgspec.Raw]


class _Inner(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Inner = _Inner()


@dataclass(slots=True)
class Children:
    """The first page below `parent`; None when the parent no longer exists, or with a `refusal`.

    `passing` tells a trouble that outlasted our patience from what Graph means to say.
    """

    parent: Parent
    page: Page | None
    refusal: KanriError | None = None

    @property
    def passing(self) -> bool:
        """Whether the parent is worth another try later."""
        return isinstance(self.refusal, MalformedAnswer) or (
            self.refusal is not None and self.refusal.retryable
        )


async def read_children(
    client: GraphClient, collector: Collector, parents: Sequence[Parent]
) -> list[Children]:
    """Return one answer per parent, in any order.

    What Graph says of one parent holds for that one: a refusal, or a trouble that no retry mended
    in time, is part of its answer and keeps nobody else's away. Raises what befalls the whole.
    """
    left = dict(enumerate(parents))
    done: list[Children] = []
    for attempt in range(client.patience.attempts):
        backoff = client.patience.backoff(attempt)
        missing = MalformedAnswer("graph_malformed", reason="the batch lacks an answer")
        troubles: dict[int, KanriError] = dict.fromkeys(left, missing)
        for item in await _ask(client, collector, left):
            number = int(item.id)
            outcome = _outcome(item, collector, left[number], backoff)
            if isinstance(outcome, KanriError):
                troubles[number] = outcome
                continue
            done.append(outcome)
            if isinstance(outcome.refusal, NotPermitted):
                client.tokens.forget()  # it may be older than the consent
            del left[number], troubles[number]
        last = attempt == client.patience.attempts - 1
        if not left or last or not await _waited_out(client, collector, troubles, backoff):
            break
    return done + [Children(parent, None, troubles[number]) for number, parent in left.items()]


async def _ask(client: GraphClient, collector: Collector, left: dict[int, Parent]) -> list[_Item]:
    requests = [
        {
            "id": str(number),
            "method": "GET",
            "url": child_path(client.endpoint, collector, parent),
            **_headers_of(collector),
        }
        for number, parent in left.items()
    ]
    answer = await asked_again(
        client,
        lambda: client.read(
            f"{client.endpoint}/{collector.ask.version}/$batch",
            msgspec.json.encode({"requests": requests}),
            bucket=collector.bucket,
            cost=collector.cost * len(requests),
        ),
        as_json(_Answer),
    )
    items = [item for raw in answer.responses if (item := _item(raw)) is not None]
    cost = collector.cost * len(requests)
    await client.governor.settle(collector.bucket, cost, _said(items))
    for item in items:
        GRAPH_REQUESTS.emit(1, service=collector.bucket, status=status_class(item.status))
    return _one_each(items, {str(number) for number in left})


def _headers_of(collector: Collector) -> dict[str, dict[str, str]]:
    """The headers of each request in a batch: those of the batch as a whole are not theirs."""
    found: dict[str, str] = {}
    for name, value in headers_of(collector):
        found[name] = f"{found[name]}, {value}" if name in found else value
    return {"headers": found} if found else {}


def _item(raw: msgspec.Raw) -> _Item | None:
    """Return an answer, numbers spelled as text too; None if it is none: that one is missing then."""
    try:
        return msgspec.json.decode(raw, type=_Item, strict=False)
    except (msgspec.DecodeError, RecursionError):
        return None


def _one_each(items: Sequence[_Item], known: Set[str]) -> list[_Item]:
    """Return the answers that were asked for; of an id that comes twice, neither if they differ."""
    found: dict[str, _Item | None] = {}
    for item in items:
        own = str(item.id)
        if own in known:
            same = own not in found or _is_same(found[own], item)
            found[own] = item if same else None
    return [item for item in found.values() if item is not None]


def _is_same(one: _Item | None, other: _Item) -> bool:
    return one is not None and (one.status, bytes(one.body)) == (other.status, bytes(other.body))


def _said(items: Sequence[_Item]) -> Exchange:
    """Return what the items cost together, and the largest share of the limit that one told."""
    exchanges = [Exchange() for _ in items]
    for exchange, item in zip(exchanges, items, strict=True):
        exchange.note(item.status, _headers(item))
    shares = [exchange.share for exchange in exchanges if exchange.share is not None]
    units = sum(exchange.units or 0 for exchange in exchanges)
    return Exchange(units=units, share=max(shares, default=None))


def _headers(item: _Item) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in (item.headers or {}).items()}


def _outcome(
    item: _Item, collector: Collector, parent: Parent, backoff: float
) -> Children | KanriError:
    """Return what Graph said of the parent, or the error that is worth another try."""
    if item.status == 200:
        try:
            return Children(parent, decoder_of(collector).page(bytes(item.body), parent))
        except MalformedAnswer as malformed:
            return malformed
        except RecursionError:
            return MalformedAnswer("graph_malformed", reason="it is nested too deeply")
    if item.status == 424:
        return GraphUnavailable("graph_unavailable", status=424, graph_code="-", request="-")
    try:
        said = msgspec.json.decode(item.body, type=_Refusal).error
    except (msgspec.DecodeError, RecursionError):
        said = _Inner()
    headers = _headers(item)
    error = refusal(
        item.status,
        said.code,
        said.message,
        request_id=headers.get("request-id", ""),
        retry_after=retry_after_of(headers),
        backoff=backoff,
    )
    if not isinstance(error, NotLicensed):
        if item.status in collector.answer.empty:
            return Children(parent, Page(Rows()))
        if item.status == 404:
            return Children(parent, None)
    return error if error.retryable else Children(parent, None, error)


async def _waited_out(
    client: GraphClient, collector: Collector, troubles: Mapping[int, KanriError], backoff: float
) -> bool:
    """Wait before the left items are asked for again; False if Graph wants too long a wait."""
    throttled = [error for error in troubles.values() if isinstance(error, Throttled)]
    if not throttled:
        await asyncio.sleep(backoff)
        return True
    wait = max(error.retry_after for error in throttled)
    await client.governor.penalize(collector.bucket, wait)
    return wait <= LONGEST_SLEEP
