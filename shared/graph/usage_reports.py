"""Reads Microsoft 365 usage reports: a redirect to a CSV, and whether it conceals names."""

import asyncio

import msgspec

from shared.core.collector import Collector
from shared.core.errors import GraphError, GraphUnavailable, MalformedAnswer
from shared.core.usage_decoding import UsageTable, read_usage_csv
from shared.graph.budgets import bucket_of
from shared.graph.client import GraphClient
from shared.graph.requests import first_url

# https://learn.microsoft.com/en-us/rest/api/storageservices/common-rest-api-error-codes
_STORAGE_CODES = frozenset({"AuthenticationFailed", "AuthorizationFailure", "ResourceNotFound"})


class _ReportSettings(msgspec.Struct):
    conceals: bool = msgspec.field(name="displayConcealedNames")


async def names_concealed(client: GraphClient) -> bool:
    """Tell whether the tenant's usage reports hold hashes instead of names.

    https://learn.microsoft.com/en-us/graph/api/resources/adminreportsettings
    """
    body = await client.get(f"{client.endpoint}/v1.0/admin/reportSettings", bucket="general")
    try:
        return msgspec.json.decode(body, type=_ReportSettings).conceals
    except msgspec.DecodeError as error:
        raise MalformedAnswer("graph_malformed", reason=str(error)) from None


async def read_usage(client: GraphClient, collector: Collector) -> UsageTable:
    """Fetch one usage report. The SDK follows the redirect and leaves our token behind.

    The link is good for some minutes. What the storage behind it refuses says nothing about our
    permissions: that is GraphUnavailable, and a new link is asked for later.
    """
    try:
        body = await client.get(first_url(client.endpoint, collector), bucket=bucket_of(collector))
    except GraphError as error:
        if error.params.get("graph_code") in _STORAGE_CODES:
            raise GraphUnavailable("graph_unreachable", reason="the download failed") from error
        raise
    return await asyncio.to_thread(read_usage_csv, collector, body)
