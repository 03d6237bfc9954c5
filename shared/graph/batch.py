"""Reads the first page below each of up to twenty parents by one `$batch`, retrying items alone.

https://learn.microsoft.com/en-us/graph/json-batching: the outer 200 says nothing about the items;
answers come in any order; each throttled item carries its own Retry-After. The SDK's batch classes
do none of that (they also misspell `dependsOn`), so the body is written here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shared.core.collector import Collector
from shared.core.decoding import Page, decoder_of
from shared.core.errors import (
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotPermitted,
    Throttled,
)
from shared.core.telemetry import GRAPH_REQUESTS
from shared.graph.budgets import bucket_of, cost_of
from shared.graph.client import GraphClient
from shared.graph.governor import LONGEST_SLEEP
from shared.graph.refusals import refusal, retry_after_of, status_class
from shared.graph.requests import child_path

BATCH_SIZE = 20


class _Item(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b"")


class _Answer(msgspec.Struct):
    responses: list[_Item]


class _Inner(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Inner = _Inner()


@dataclass(slots=True)
class Children:
    """The first page below `parent`; None when the parent no longer exists, or with a `refusal`."""

    parent: str
    page: Page | None
    refusal: KanriError | None = None


async def read_children(
    client: GraphClient, collector: Collector, parents: Sequence[str]
) -> list[Children]:
    """Return one answer per parent, in any order.

    What Graph says of one parent holds for that one: a refusal is part of its answer. Raises the
    error of an item that no retry mended in time, and Throttled when one asks for more than 30 s.
    """
    left = dict(enumerate(parents))
    done: list[Children] = []
    for attempt in range(client.patience.attempts):
        backoff = client.patience.backoff(attempt)
        troubles: list[KanriError] = []
        for item in await _ask(client, collector, left):
            outcome = _outcome(item, collector, left[int(item.id)], backoff)
            if isinstance(outcome, Children):
                done.append(outcome)
                if isinstance(outcome.refusal, NotPermitted):
                    client.tokens.forget()  # it may be older than the consent
                del left[int(item.id)]
            else:
                troubles.append(outcome)
        if not left:
            return done
        await _wait_out(client, collector, troubles, backoff, attempt)
    raise AssertionError("the last attempt returns or raises")


async def _ask(client: GraphClient, collector: Collector, left: dict[int, str]) -> list[_Item]:
    requests = [
        {"id": str(number), "method": "GET", "url": child_path(collector, parent)}
        for number, parent in left.items()
    ]
    body = await client.post(
        f"{client.endpoint}/{collector.version}/$batch",
        msgspec.json.encode({"requests": requests}),
        bucket=bucket_of(collector),
        cost=cost_of(collector) * len(requests),
    )
    try:
        items = msgspec.json.decode(body, type=_Answer).responses
    except msgspec.DecodeError as error:
        raise MalformedAnswer("graph_malformed", reason=str(error)) from None
    for item in items:
        GRAPH_REQUESTS.emit(1, service=bucket_of(collector), status=status_class(item.status))
    known = {str(number) for number in left}
    return list({item.id: item for item in items if item.id in known}.values())


def _outcome(
    item: _Item, collector: Collector, parent: str, backoff: float
) -> Children | KanriError:
    """Return what Graph said of the parent, or the error that is worth another try."""
    if item.status == 404:
        return Children(parent, None)
    if item.status == 200:
        try:
            return Children(parent, decoder_of(collector).page(bytes(item.body), parent))
        except MalformedAnswer as malformed:
            return malformed
    if item.status == 424:
        return GraphUnavailable("graph_unavailable", status=424, graph_code="-", request="-")
    try:
        said = msgspec.json.decode(item.body, type=_Refusal).error
    except msgspec.DecodeError:
        said = _Inner()
    error = refusal(
        item.status,
        said.code,
        said.message,
        request_id=item.headers.get("request-id", ""),
        retry_after=retry_after_of(item.headers),
        backoff=backoff,
    )
    return error if error.retryable else Children(parent, None, error)


async def _wait_out(
    client: GraphClient,
    collector: Collector,
    troubles: list[KanriError],
    backoff: float,
    attempt: int,
) -> None:
    """Wait before the left items are asked for again, or raise if that is too long or too often."""
    throttled = [error for error in troubles if isinstance(error, Throttled)]
    worst = max(throttled, key=lambda error: error.retry_after, default=None)
    if worst is not None:
        await client.governor.penalize(bucket_of(collector), worst.retry_after)
    if attempt == client.patience.attempts - 1:
        missing = MalformedAnswer("graph_malformed", reason="the batch lacks an answer")
        raise worst or (troubles[0] if troubles else missing)
    if worst is None:
        await asyncio.sleep(backoff)
    elif worst.retry_after > LONGEST_SLEEP:
        raise worst
