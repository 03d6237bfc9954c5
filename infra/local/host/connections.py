"""Storage accounts by the name of an app setting, as connection string or with an identity."""

from collections.abc import Mapping

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob.aio import BlobClient, BlobServiceClient
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from infra.local.host.errors import HostError

HOST_STORAGE = "AzureWebJobsStorage"


class StorageAccounts:
    """Opens clients on first use and keeps them; close() ends them all.

    A connection `X` is the setting `AzureWebJobsX` or `X`, or a section of settings such as
    `X__queueServiceUri` (https://learn.microsoft.com/azure/azure-functions/functions-reference#connections).
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = {name.lower(): value for name, value in settings.items()}
        self._queues: dict[str, QueueServiceClient] = {}
        self._blobs: dict[str, BlobServiceClient] = {}
        self._credentials: list[AsyncTokenCredential] = []

    def has(self, connection: str) -> bool:
        """Whether the settings define the connection."""
        return self._text(connection) is not None or bool(self._section(connection))

    def queue(self, connection: str, name: str) -> QueueClient:
        """A client of one queue. Raises HostError for an unknown connection."""
        service = self._queues.get(connection)
        if service is None:
            text = self._text(connection)
            if text is not None:
                service = QueueServiceClient.from_connection_string(text, retry_total=2)
            else:
                url, credential = self._identity(connection, "queue")
                service = QueueServiceClient(url, credential=credential, retry_total=2)
            self._queues[connection] = service
        return service.get_queue_client(name)

    def blob(self, connection: str, container: str, name: str) -> BlobClient:
        """A client of one blob. Raises HostError for an unknown connection."""
        service = self._blobs.get(connection)
        if service is None:
            text = self._text(connection)
            if text is not None:
                service = BlobServiceClient.from_connection_string(text, retry_total=2)
            else:
                url, credential = self._identity(connection, "blob")
                service = BlobServiceClient(url, credential=credential, retry_total=2)
            self._blobs[connection] = service
        return service.get_blob_client(container, name)

    async def make_container(self, connection: str, container: str) -> None:
        """Create a container unless it exists."""
        blob = self.blob(connection, container, "-")
        try:
            await self._blobs[connection].create_container(blob.container_name)
        except ResourceExistsError:
            return

    async def close(self) -> None:
        """Close every client and credential."""
        for queue in self._queues.values():
            await queue.close()
        for blob in self._blobs.values():
            await blob.close()
        for credential in self._credentials:
            await credential.close()

    def _text(self, connection: str) -> str | None:
        for name in (f"azurewebjobs{connection.lower()}", connection.lower()):
            value = self._settings.get(name)
            if not value:
                continue
            if value.strip().rstrip(";").lower() == "usedevelopmentstorage=true":
                raise HostError(f"write out the connection string of Azurite in {connection}")
            return value
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
