"""Follows nextLinks to the end, one page ahead of the caller and never more."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from shared.core import clock
from shared.core.collector import Collector
from shared.core.errors import GraphError, MalformedAnswer
from shared.core.rows import Parent, Rows
from shared.graph.client import GraphClient
from shared.graph.decoding.pages import Page, decoder_of
from shared.graph.reasking import asked_again
from shared.graph.requests import headers_of


@dataclass(slots=True)
class Trail:
    """Tells links that go round, in a few bytes that can be saved: Brent's algorithm.

    One link is kept, the one at each power of two of `steps`; whoever meets it again goes round. Of a
    circle of n pages no page is read more than three times before that is known.
    https://maths-people.anu.edu.au/~brent/pub/pub051.html
    """

    mark: str = ""
    steps: int = 0
    round: bool = False

    def follow(self, link: str) -> None:
        """Note that `link` comes next."""
        own = sha256(link.encode()).hexdigest()[:16]
        self.round = self.round or own == self.mark
        self.steps += 1
        if self.steps & (self.steps - 1) == 0:
            self.mark = own


async def read_page(
    client: GraphClient,
    collector: Collector,
    url: str,
    parent: Parent | None = None,
    body: bytes | None = None,
    prepare: Callable[[Rows], None] | None = None,
) -> Page:
    """Fetch and decode one page; a question with a `body` is posted. A malformed answer is asked for
    twice more, then raised. `prepare` is called with the rows."""

    def read(answer: bytes) -> Page:
        observed_at = clock.now()
        page = decoder_of(collector).page(answer, parent)
        _require_own_links(client, page)
        page.observed_at = observed_at
        return page

    def ask() -> Awaitable[bytes]:
        return client.read(
            url,
            body,
            bucket=collector.bucket,
            cost=collector.cost,
            headers=headers_of(collector),
        )

    page = await asked_again(client, ask, read)
    if prepare is not None:
        prepare(page.rows)
    return page


def _require_own_links(client: GraphClient, page: Page) -> None:
    """Refuse the page before its links are saved: no later run could go on from a foreign one."""
    for link in (page.next_link, page.delta_link):
        if link is not None and not client.owns(link):
            raise MalformedAnswer("graph_link_foreign")


async def read_pages(
    client: GraphClient,
    collector: Collector,
    url: str,
    parent: Parent | None = None,
    trail: Trail | None = None,
    body: bytes | None = None,
    prepare: Callable[[Rows], None] | None = None,
) -> AsyncGenerator[Page]:
    """Yield the pages from `url` on. While the caller stores one, the next is fetched and decoded.

    An error of the page ahead is raised only after the caller came back for it, so everything
    read before it is stored. Close the iterator (`aclosing`) to give up the page ahead. Raises
    GraphError when the links go round; `trail` is what earlier parts of the read went along. The first
    page is asked for with `body`.
    """
    trail = trail or Trail()
    _require_onward(trail)
    ahead = asyncio.create_task(read_page(client, collector, url, parent, body, prepare))
    try:
        while True:
            page = await ahead
            if page.next_link is not None:
                trail.follow(page.next_link)
            if page.next_link is not None and not trail.round:
                following = read_page(client, collector, page.next_link, parent, None, prepare)
                ahead = asyncio.create_task(following)
            yield page
            if page.next_link is None:
                return
            _require_onward(trail)
            del page  # two pages in memory, not three
    finally:
        ahead.cancel()
        await asyncio.wait((ahead,))
        if not ahead.cancelled():
            ahead.exception()  # looked at: asyncio would report it as forgotten


def _require_onward(trail: Trail) -> None:
    if trail.round:
        raise GraphError("graph_goes_round", pages=trail.steps)
