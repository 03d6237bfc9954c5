"""How the baselines read users: msgraph-sdk as its documentation shows it, and asked for bytes."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from shared.core.registry import collector


def graph_client(tenant: Mapping[str, str]) -> Any:
    """Return a GraphServiceClient signed in with the client secret of a sandbox tenant."""
    import httpx
    from azure.identity import ClientSecretCredential
    from kiota_authentication_azure.azure_identity_authentication_provider import (
        AzureIdentityAuthenticationProvider,
    )
    from msgraph import GraphRequestAdapter, GraphServiceClient
    from msgraph_core import GraphClientFactory

    credential = ClientSecretCredential(
        tenant["tenant_id"],
        tenant["client_id"],
        tenant["client_secret"],
        authority=tenant["authority_host"],
        disable_instance_discovery=True,
        connection_verify=tenant["ca_file"],
    )
    provider = AzureIdentityAuthenticationProvider(
        credential,
        scopes=["https://graph.microsoft.com/.default"],
        allowed_hosts=[httpx.URL(tenant["graph_endpoint"]).host],
    )
    context = ssl.create_default_context(cafile=tenant["ca_file"])
    http = httpx.AsyncClient(verify=context, timeout=100)
    client = GraphClientFactory.create_with_default_middleware(client=http)
    adapter = GraphRequestAdapter(provider, client)
    adapter.base_url = tenant["graph_endpoint"] + "/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def iterate_models(client: Any, rows: int, keep: Callable[[Any], bool]) -> None:
    """Give `rows` users to `keep` by msgraph-core's PageIterator over SDK models, 999 a page."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder
    from msgraph_core import PageIterator

    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=list(select()), top=min(999, rows)
    )
    first = await client.users.get(RequestConfiguration(query_parameters=query))
    await PageIterator(first, client.request_adapter).iterate(keep)


async def pages_of_bytes(client: Any) -> AsyncIterator[bytes]:
    """Yield each page of `users/delta` as the SDK's request builders fetch it, undecoded."""
    import msgspec

    class Links(msgspec.Struct):
        next: str | None = msgspec.field(default=None, name="@odata.nextLink")

    links = msgspec.json.Decoder(Links)
    request = _first_request(client)
    while True:
        body = await client.request_adapter.send_primitive_async(request, "bytes", _errors())
        yield body
        link = links.decode(body).next
        if link is None:
            return
        request = client.users.delta.with_url(link).to_get_request_information()
        request.headers.add("Prefer", "odata.maxpagesize=999")


async def pages_of_json(client: Any) -> AsyncIterator[dict[str, Any]]:
    """Yield each page of `users/delta` through the SDK's NativeResponseHandler and json.loads."""
    import json

    from kiota_abstractions.native_response_handler import NativeResponseHandler
    from kiota_http.middleware.options import ResponseHandlerOption

    request = _first_request(client)
    while True:
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        response = await client.request_adapter.send_async(request, object, _errors())
        page = json.loads(response.content)
        yield page
        link = page.get("@odata.nextLink")
        if link is None:
            return
        request = client.users.delta.with_url(link).to_get_request_information()
        request.headers.add("Prefer", "odata.maxpagesize=999")


def select() -> tuple[str, ...]:
    """Return the properties that the product selects: every variant reads the same ones."""
    return collector("users").select


def _first_request(client: Any) -> Any:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder

    query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=list(select()))
    configuration = RequestConfiguration(query_parameters=query)
    configuration.headers.add("Prefer", "odata.maxpagesize=999")
    return client.users.delta.to_get_request_information(configuration)


def _errors() -> dict[str, Any]:
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

    return {"XXX": ODataError}
