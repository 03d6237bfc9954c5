"""The audit container: blobs that are written once. In Azure a policy holds each for seven years."""

from typing import TYPE_CHECKING

from shared.identity.storage import naming_failures

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient

AUDIT_CONTAINER = "audit"


class Archive:
    """Blobs by name. Every method may raise StorageUnavailable."""

    def __init__(self, blobs: "BlobServiceClient", container: str = AUDIT_CONTAINER) -> None:
        self._blobs, self._name = blobs, container

    def put(self, name: str, content: bytes) -> bool:
        """Write a blob; False, and nothing is written, if there is one of that name."""
        from azure.core.exceptions import ResourceExistsError

        with naming_failures():
            try:
                self._container().upload_blob(name, content, overwrite=False)
            except ResourceExistsError:
                return False
        return True

    def get(self, name: str) -> bytes | None:
        """Return the content of a blob; None if there is none of that name."""
        from azure.core.exceptions import ResourceNotFoundError

        with naming_failures():
            try:
                return self._container().download_blob(name).readall()
            except ResourceNotFoundError:
                return None

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, sorted."""
        with naming_failures():
            return sorted(self._container().list_blob_names(name_starts_with=prefix))

    def _container(self) -> "ContainerClient":
        """In Azure the deployment has made the container; elsewhere the first use does."""
        from azure.core.exceptions import ResourceExistsError

        container = self._blobs.get_container_client(self._name)
        if not container.exists():
            try:
                container.create_container()
            except ResourceExistsError:
                return container
        return container
