"""msgraph-sdk reads the sandbox unchanged, typed and as bytes, redirects included."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from azure.identity import ClientSecretCredential
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core import GraphClientFactory

from tests.infra.sandbox.conftest import GRAPH_SCOPE, USERS, Sandbox, trust

# The generated SDK warns about itself while it is imported.
pytestmark = [pytest.mark.stack, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def _with_client(sandbox: Sandbox, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        tenant = sandbox.tenant
        with ClientSecretCredential(
            tenant["tenantId"],
            tenant["clientId"],
            tenant["clientSecret"],
            authority=sandbox.ready["authorityHost"],
            disable_instance_discovery=True,
            connection_verify=sandbox.ca_file,
        ) as credential:
            provider = AzureIdentityAuthenticationProvider(
                credential, scopes=[GRAPH_SCOPE], allowed_hosts=["localhost"]
            )
            # The pipeline never closes its connections: the test keeps hold of them.
            sockets = httpx.AsyncHTTPTransport(verify=trust(sandbox.ca_file))
            pipeline = GraphClientFactory.create_with_default_middleware(
                client=httpx.AsyncClient(transport=sockets)
            )
            adapter = GraphRequestAdapter(provider, pipeline)
            adapter.base_url = f"{sandbox.origin}/v1.0"
            try:
                return await work(GraphServiceClient(request_adapter=adapter))
            finally:
                await sockets.aclose()

    return asyncio.run(main())


def test_typed_users_groups_policies_and_delta(sandbox: Sandbox) -> None:
    async def work(client: Any) -> None:
        users = await client.users.get()
        assert len(users.value) == 100
        assert users.odata_next_link
        more = await client.users.with_url(users.odata_next_link).get()
        assert {user.id for user in users.value}.isdisjoint(user.id for user in more.value)
        group = (await client.groups.get()).value[0]
        members = await client.groups.by_group_id(group.id).members.get()
        assert members.value[0].odata_type == "#microsoft.graph.user"
        policies = await client.identity.conditional_access.policies.get()
        assert policies.value[0].conditions.users.include_roles
        delta = await client.users.delta.get()
        assert delta.odata_next_link or delta.odata_delta_link

    _with_client(sandbox, work)


def test_usage_report_follows_the_redirect_without_the_token(sandbox: Sandbox) -> None:
    async def work(client: Any) -> bytes:
        report = client.reports.get_mailbox_usage_detail_with_period("D7")
        return bytes(await report.get())

    text = _with_client(sandbox, work).decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header.startswith("Report Refresh Date,User Principal Name")
    assert USERS // 2 < len(rows) <= USERS


def test_bytes_by_request_adapter(sandbox: Sandbox) -> None:
    async def work(client: Any) -> bytes:
        request = RequestInformation(Method.GET, f"{sandbox.origin}/v1.0/organization", {})
        adapter = client.request_adapter
        return bytes(await adapter.send_primitive_async(request, "bytes", {}))

    assert sandbox.tenant["tenantId"].encode() in _with_client(sandbox, work)
