"""The client against the sandbox: signing in, waiting, giving up, refusing foreign links."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.errors import (
    DeltaExpired,
    GraphError,
    GraphUnavailable,
    MalformedAnswer,
    NotLicensed,
    NotPermitted,
    Throttled,
)
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.graph.governor import Governor
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings

pytestmark = pytest.mark.stack

type Open = Callable[[], GraphClient]


def use[T](open_graph: Open, work: Callable[[GraphClient], Awaitable[T]]) -> T:
    """Run `work` on an open client and close it."""

    async def body() -> T:
        client = open_graph()
        try:
            return await work(client)
        finally:
            await client.aclose()

    return asyncio.run(body())


async def organization(client: GraphClient) -> str:
    url = f"{client.endpoint}/v1.0/organization?$select=id"
    page = msgspec.json.decode(await client.read(url, bucket="directory"))
    return str(page["value"][0]["id"])


def test_it_signs_in_and_reads(open_graph: Open, sandbox: SandboxReady) -> None:
    assert use(open_graph, organization) == sandbox.tenants[0].tenant_id


@pytest.mark.parametrize("kind", ["unavailable", "gateway_timeout", "server_error", "reset", "cut"])
def test_a_passing_trouble_is_tried_again(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/organization", "count": 2, "retry_after": 0})
    assert use(open_graph, organization) == sandbox.tenants[0].tenant_id


@pytest.mark.parametrize("kind", ["gateway_timeout", "reset", "cut"])
def test_a_lasting_trouble_is_raised_after_a_few_tries(
    open_graph: Open, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/organization"})
    with pytest.raises(GraphUnavailable):
        use(open_graph, organization)


@pytest.mark.parametrize("damage", ["garbage", "malformed_json"])
@pytest.mark.parametrize("kind", ["server_error", "missing_permission", "throttle"])
def test_a_refusal_in_the_words_of_a_gateway_is_told_by_its_status(
    open_graph: Open, sandbox_admin: SandboxAdmin, kind: str, damage: str
) -> None:
    path = {"path": "/organization"}
    sandbox_admin.faults({"kind": damage, **path}, {"kind": kind, "retry_after": 60, **path})
    known: dict[str, type[GraphError]] = {"server_error": GraphUnavailable, "throttle": Throttled}
    with pytest.raises(known.get(kind, NotPermitted)) as raised:
        use(open_graph, organization)
    assert raised.value.code != "graph_malformed"


def test_retry_after_is_kept(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse
) -> None:
    sandbox_admin.faults({"kind": "throttle", "path": "/organization", "count": 1})
    use(open_graph, organization)
    assert purse.penalties == [("directory", 1.0)]


def test_a_silent_429_is_backed_off_by_ourselves(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse
) -> None:
    sandbox_admin.faults({"kind": "throttle_silent", "path": "/organization", "count": 2})
    use(open_graph, organization)
    first, second = (seconds for _, seconds in purse.penalties)
    assert 0 < first < second


def test_a_long_retry_after_is_raised_at_once(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse
) -> None:
    rule = {"kind": "throttle", "path": "/organization", "retry_after": 600}
    sandbox_admin.faults(rule)
    with pytest.raises(Throttled) as raised:
        use(open_graph, organization)
    assert raised.value.retry_after == 600
    assert purse.penalties == [("directory", 600.0)]


@pytest.mark.parametrize(
    ("kind", "error"),
    [("missing_permission", NotPermitted), ("missing_licence", NotLicensed)],
)
def test_a_refusal_is_not_tried_again(
    open_graph: Open,
    sandbox_admin: SandboxAdmin,
    purse: OpenPurse,
    kind: str,
    error: type[GraphError],
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/organization"})
    with pytest.raises(error):
        use(open_graph, organization)
    assert len(purse.reserved) == 1


def test_a_refused_token_is_replaced_once(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "expired_token", "path": "/organization", "count": 1})
    assert use(open_graph, organization) == sandbox.tenants[0].tenant_id
    sandbox_admin.faults({"kind": "expired_token", "path": "/organization"})
    with pytest.raises(NotPermitted) as raised:
        use(open_graph, organization)
    assert raised.value.code == "graph_unauthorized"


def test_a_permission_granted_after_a_refusal_counts_at_once(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    app = sandbox.tenants[0].client_id
    granted = use(open_graph, granted_permissions)

    async def refused_then_granted(client: GraphClient) -> str:
        sandbox_admin.app(appId=app, permissions=["User.Read.All"])
        with pytest.raises(NotPermitted):
            await organization(client)
        sandbox_admin.app(appId=app, permissions=sorted(granted))
        return await organization(client)

    try:
        assert use(open_graph, refused_then_granted) == sandbox.tenants[0].tenant_id
    finally:
        sandbox_admin.app(appId=app, permissions=sorted(granted))


def test_a_delta_reset_is_named(open_graph: Open, sandbox_admin: SandboxAdmin) -> None:
    async def read(client: GraphClient) -> bytes:
        url = f"{client.endpoint}/v1.0/groups/delta?$select=id&$deltatoken=latest"
        page = msgspec.json.decode(await client.read(url, bucket="directory"))
        sandbox_admin.faults({"kind": "delta_reset", "path": "/groups/delta"})
        return await client.read(page["@odata.deltaLink"], bucket="directory")

    with pytest.raises(DeltaExpired):
        use(open_graph, read)


def test_a_link_to_another_host_never_gets_our_token(open_graph: Open) -> None:
    async def read(client: GraphClient) -> bytes:
        return await client.read("https://graph.example.org/v1.0/users", bucket="directory")

    with pytest.raises(MalformedAnswer):
        use(open_graph, read)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://graph.microsoft.com/v1.0/users", True),
        ("https://Graph.Microsoft.com:443/v1.0/users", True),
        ("http://graph.microsoft.com/v1.0/users", False),
        ("https://graph.microsoft.com:8443/v1.0/users", False),
        ("https://me@graph.microsoft.com/v1.0/users", False),
        ("https://graph.microsoft.com.example.org/v1.0/users", False),
        ("https://graph.microsoft.com@example.org/v1.0/users", False),
        ("https://[", False),
        ("/v1.0/users", False),
    ],
)
def test_links_of_our_graph_are_told_from_others(
    sandbox: SandboxReady, url: str, own: bool
) -> None:
    settings = sandbox_settings(sandbox, KANRI_GRAPH_ENDPOINT="https://graph.microsoft.com")
    client = GraphClient(settings, uuid4(), Governor(OpenPurse()), QUICK)
    assert client.owns(url) is own


def test_a_wrong_secret_names_the_code_of_entra_and_no_more(sandbox: SandboxReady) -> None:
    async def read() -> None:
        settings = sandbox_settings(sandbox, KANRI_CLIENT_SECRET="not-it")
        tenant_id = UUID(sandbox.tenants[0].tenant_id)
        client = GraphClient(settings, tenant_id, Governor(OpenPurse()), QUICK)
        try:
            await organization(client)
        finally:
            await client.aclose()

    with pytest.raises(NotPermitted, match="AADSTS7000215") as raised:
        asyncio.run(read())
    assert "not-it" not in str(raised.value)


def test_a_tenant_that_does_not_know_us(sandbox: SandboxReady) -> None:
    async def ask() -> None:
        client = GraphClient(sandbox_settings(sandbox), uuid4(), Governor(OpenPurse()), QUICK)
        await granted_permissions(client)

    with pytest.raises(NotPermitted):
        asyncio.run(ask())


def test_granted_permissions_come_from_a_fresh_token(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    app = sandbox.tenants[0].client_id
    before = use(open_graph, granted_permissions)
    assert "User.Read.All" in before

    async def twice(client: GraphClient) -> frozenset[str]:
        await granted_permissions(client)
        sandbox_admin.app(appId=app, permissions=sorted(before - {"User.Read.All"}))
        return await granted_permissions(client)

    try:
        assert use(open_graph, twice) == before - {"User.Read.All"}
    finally:
        sandbox_admin.app(appId=app, permissions=sorted(before))


def test_reads_that_begin_together_ask_for_one_token(open_graph: Open) -> None:
    async def tokens(client: GraphClient) -> set[str]:
        asked = [client.tokens.get_token(f"{client.endpoint}/.default") for _ in range(4)]
        return {token.token for token in await asyncio.gather(*asked)}

    assert len(use(open_graph, tokens)) == 1
