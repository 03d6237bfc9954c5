"""Reads Microsoft 365 usage reports: a redirect to a CSV, and whether it conceals names."""

import asyncio
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import msgspec

from shared.core.collector import Collector
from shared.graph.client import GraphClient
from shared.graph.decoding.usage_files import UsageTable, read_usage_csv
from shared.graph.incoming import FileSink
from shared.graph.reasking import as_json, asked_again
from shared.graph.requests import usage_url

_IN_MEMORY = 4 << 20  # a larger file lies on the disk, without a name


class _ReportSettings(msgspec.Struct):
    conceals: bool = msgspec.field(name="displayConcealedNames")


async def names_concealed(client: GraphClient) -> bool:
    """Tell whether the tenant's usage reports hold hashes instead of names.

    https://learn.microsoft.com/en-us/graph/api/resources/adminreportsettings
    """
    url = f"{client.endpoint}/v1.0/admin/reportSettings"
    settings = await asked_again(
        client, lambda: client.read(url, bucket="general"), as_json(_ReportSettings)
    )
    return settings.conceals


async def read_usage(
    client: GraphClient, collector: Collector, asked: str | None = None
) -> UsageTable:
    """Fetch one usage report, for a day or a period if not the usual one: a redirect to a file that
    needs no token, good for some minutes.

    What the storage behind it refuses says nothing about our permissions: that is GraphUnavailable,
    and a new link is asked for later.
    """
    url = usage_url(client.endpoint, collector, asked)
    file = cast("BinaryIO", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed below or by the reader
    with ExitStack() as unread:
        unread.callback(file.close)
        await client.download(url, FileSink(file), bucket=collector.bucket)
        unread.pop_all()
    return await asyncio.to_thread(read_usage_csv, collector, file, asked)
