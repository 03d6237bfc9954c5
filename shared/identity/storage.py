"""How to reach the storage account that the app runs on: as the Functions host reaches it.

By identity in Azure, by a connection string elsewhere:
https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shared.core.errors import StorageUnavailable
from shared.core.settings import Settings, StoragePlace
from shared.identity.own_tokens import OwnTokens

if TYPE_CHECKING:
    from azure.data.tables import TableServiceClient
    from azure.storage.blob import BlobServiceClient

# A request that waits for an answer waits for these: two tries of five seconds.
_PATIENCE: dict[str, Any] = {"retry_total": 1, "connection_timeout": 5, "read_timeout": 20}


def open_tables(place: StoragePlace, settings: Settings) -> "TableServiceClient":
    """Return the client of Azure Tables; nothing is connected yet. StorageUnavailable without a place."""
    from azure.data.tables import TableServiceClient

    if place.connection:
        return TableServiceClient.from_connection_string(place.connection, **_PATIENCE)
    if not place.tables:
        raise StorageUnavailable("storage_missing")
    return TableServiceClient(place.tables, credential=OwnTokens(settings), **_PATIENCE)


def open_blobs(place: StoragePlace, settings: Settings) -> "BlobServiceClient":
    """Return the client of Blob Storage; nothing is connected yet. StorageUnavailable without a place."""
    from azure.storage.blob import BlobServiceClient

    if place.connection:
        return BlobServiceClient.from_connection_string(place.connection, **_PATIENCE)
    if not place.blobs:
        raise StorageUnavailable("storage_missing")
    return BlobServiceClient(place.blobs, credential=OwnTokens(settings), **_PATIENCE)


@contextmanager
def naming_failures() -> Iterator[None]:
    """Name what the account refuses or does not answer: StorageUnavailable, with Azure's code."""
    from azure.core.exceptions import AzureError

    try:
        yield
    except AzureError as error:
        code = getattr(error, "error_code", None) or type(error).__name__
        raise StorageUnavailable("storage_unavailable", reason=str(code)) from error
