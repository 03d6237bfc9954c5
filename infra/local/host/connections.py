"""Storage accounts by the name of an app setting, as connection string or with an identity."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob.aio import BlobClient, BlobServiceClient, ContainerClient
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from infra.local.host.errors import HostError

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

HOST_STORAGE = "AzureWebJobsStorage"
# About as long as the platform's own SDK tries; Python's waits 15 s before it tries again.
RETRIES = {"retry_total": 2, "initial_backoff": 1, "increment_base": 2}
DEVELOPMENT = "UseDevelopmentStorage=true"


class StorageAccounts:
    """Opens clients on first use and keeps them; close() ends them all.

    A connection `X` is the setting `AzureWebJobsX` or `X`, or a section of settings such as
    `X__queueServiceUri` (https://learn.microsoft.com/azure/azure-functions/functions-reference#connections).
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = {name.lower(): value for name, value in settings.items()}
        self._services: dict[tuple[str, str], Any] = {}
        self._credentials: list[AsyncTokenCredential] = []

    def has(self, connection: str) -> bool:
        """Whether the settings define the connection."""
        return self._text(connection) is not None or bool(self._section(connection))

    def queue(self, connection: str, name: str) -> QueueClient:
        """A client of one queue. Raises HostError for an unknown connection."""
        service: QueueServiceClient = self._service("queue", connection, QueueServiceClient)
        return service.get_queue_client(name)

    def container(self, connection: str, name: str) -> ContainerClient:
        """A client of one blob container. Raises HostError for an unknown connection."""
        service: BlobServiceClient = self._service("blob", connection, BlobServiceClient)
        return service.get_container_client(name)

    def blob(self, connection: str, container: str, name: str) -> BlobClient:
        """A client of one blob. Raises HostError for an unknown connection."""
        return self.container(connection, container).get_blob_client(name)

    def table(self, connection: str, name: str) -> "TableClient":
        """A client of one table. Raises HostError for an unknown connection."""
        from azure.data.tables.aio import TableServiceClient  # few apps bind tables

        service: TableServiceClient = self._service("table", connection, TableServiceClient)
        return service.get_table_client(name)

    def _service(self, kind: str, connection: str, make: Any) -> Any:
        service = self._services.get((kind, connection))
        if service is None:
            text = self._text(connection)
            if text is not None:
                service = make.from_connection_string(text, **RETRIES)
            else:
                url, credential = self._identity(connection, kind)
                service = make(url, credential=credential, **RETRIES)
            self._services[kind, connection] = service
        return service

    async def make_container(self, connection: str, container: str) -> None:
        """Create a container unless it exists."""
        try:
            await self.container(connection, container).create_container()
        except ResourceExistsError:
            return

    async def close(self) -> None:
        """Close every client and credential."""
        for service in self._services.values():
            await service.close()
        for credential in self._credentials:
            await credential.close()

    def _text(self, connection: str) -> str | None:
        for name in (f"azurewebjobs{connection.lower()}", connection.lower()):
            value = self._settings.get(name)
            if not value:
                continue
            # The SDKs know this word for Azurite on its usual ports, but only spelled like this.
            short = value.strip().rstrip(";")
            return DEVELOPMENT if short.lower() == DEVELOPMENT.lower() else value
        return None

    def _section(self, connection: str) -> dict[str, str]:
        for prefix in (f"azurewebjobs{connection.lower()}__", f"{connection.lower()}__"):
            found = {
                name.removeprefix(prefix): value
                for name, value in self._settings.items()
                if name.startswith(prefix)
            }
            if found:
                return found
        return {}

    def _identity(self, connection: str, service: str) -> tuple[str, AsyncTokenCredential]:
        section = self._section(connection)
        account = section.get("accountname")
        url = section.get(f"{service}serviceuri") or (
            f"https://{account}.{service}.core.windows.net" if account else None
        )
        if url is None:
            raise HostError(f"no app setting defines the {service} connection {connection}")
        # azure-identity is slow to import and only needed without a connection string.
        from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

        client_id = section.get("clientid")
        credential: AsyncTokenCredential
        if section.get("credential", "").lower() == "managedidentity":
            credential = ManagedIdentityCredential(client_id=client_id)
        else:
            credential = DefaultAzureCredential(managed_identity_client_id=client_id)
        self._credentials.append(credential)
        return url, credential
