"""What Graph says of its limits, over a real connection: units, share, sizes of pages."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import pytest

from infra.local.sandbox_process import SandboxReady
from shared.core.registry import collector
from shared.core.rows import Parent
from shared.graph.batch import read_children
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.graph.paging import read_page
from shared.graph.requests import first_url
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings
from tests.fixtures.hostile import Hostile, http

pytestmark = pytest.mark.stack

LIST = collector("user_registration_details")


def ask[T](
    hostile: Hostile,
    sandbox: SandboxReady,
    purse: OpenPurse,
    work: Callable[[GraphClient], Awaitable[T]],
) -> T:
    """Run `work` on a client of the server."""
    hostile.asked.clear()
    settings = sandbox_settings(sandbox, 0, **hostile.settings)

    async def body() -> T:
        client = GraphClient(settings, UUID(sandbox.tenants[0].tenant_id), Governor(purse), QUICK)
        try:
            return await work(client)
        finally:
            await client.aclose()

    return asyncio.run(body())


def test_units_and_share_reach_the_shared_budget(
    hostile: Hostile, sandbox: SandboxReady, purse: OpenPurse
) -> None:
    heads = {"x_ms_resource_unit": "7", "x_ms_throttle_limit_percentage": "0.9"}
    hostile.answer = lambda _asked: http(b"{}", **heads)
    url = f"{hostile.origin}/v1.0/organization"
    ask(hostile, sandbox, purse, lambda client: client.read(url, bucket="directory"))
    assert purse.reserved == [("directory", 1), ("directory", 6)]
    [(bucket, pause)] = purse.penalties
    assert (bucket, round(pause, 6)) == ("directory", 1.0)


@pytest.mark.parametrize("odd", ["", "nan", "-5", "inf", "1e999", "many", "0"])
def test_odd_headers_say_nothing(
    hostile: Hostile, sandbox: SandboxReady, purse: OpenPurse, odd: str
) -> None:
    heads = {"x_ms_resource_unit": odd, "x_ms_throttle_limit_percentage": odd}
    hostile.answer = lambda _asked: http(b"{}", **heads)
    url = f"{hostile.origin}/v1.0/organization"
    ask(hostile, sandbox, purse, lambda client: client.read(url, bucket="directory"))
    assert (purse.reserved, purse.penalties) == ([("directory", 1)], [])


def test_registrations_are_asked_for_in_the_largest_pages(
    hostile: Hostile, sandbox: SandboxReady, purse: OpenPurse
) -> None:
    hostile.answer = lambda _asked: http(msgspec.json.encode({"value": []}))
    ask(hostile, sandbox, purse, lambda c: read_page(c, LIST, first_url(c.endpoint, LIST)))
    [asked] = hostile.asked
    assert asked.target.partition("?")[2] == "", "$top is not documented here"
    assert "odata.maxpagesize=999" in asked.head


def test_what_the_items_of_a_batch_cost_is_added_up(
    hostile: Hostile, sandbox: SandboxReady, purse: OpenPurse
) -> None:
    headers = {"X-Ms-Resource-Unit": 5, "X-Ms-Throttle-Limit-Percentage": "0.85"}
    item = {"status": 200, "headers": headers, "body": {"value": []}}
    items = [{"id": str(number), **item} for number in range(3)]
    hostile.answer = lambda _asked: http(msgspec.json.encode({"responses": items}))
    members = collector("members")
    ask(
        hostile,
        sandbox,
        purse,
        lambda client: read_children(client, members, [Parent(own) for own in "abc"]),
    )
    assert purse.reserved == [("directory", 6), ("directory", 9)]
    [(bucket, pause)] = purse.penalties
    assert (bucket, round(pause, 6)) == ("directory", 0.5)
