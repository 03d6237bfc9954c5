"""Asks once more for an answer that cannot be read: most often it was cut on its way."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from shared.core.errors import MalformedAnswer
from shared.graph.client import GraphClient

ATTEMPTS = 3


async def asked_again[T](
    client: GraphClient, ask: Callable[[], Awaitable[bytes]], read: Callable[[bytes], T]
) -> T:
    """Return what `read` makes of the body that `ask` fetches.

    A body that `read` refuses with MalformedAnswer is fetched twice more, then that is raised.
    """
    for attempt in range(ATTEMPTS):
        body = await ask()
        try:
            return read(body)
        except RecursionError:
            raise MalformedAnswer("graph_malformed", reason="it is nested too deeply") from None
        except MalformedAnswer:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(client.patience.backoff(attempt))
    raise AssertionError("the last attempt returns or raises")


def as_json[T](kind: type[T]) -> Callable[[bytes], T]:
    """Return what reads a body as one `kind`, or raises MalformedAnswer."""

    def read(body: bytes) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedAnswer("graph_malformed", reason=str(error)) from None

    return read
