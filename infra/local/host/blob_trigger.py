"""The blob trigger: one function run for each message about a blob that is new or was changed.

Scanning and running are apart as on the platform: the scanner puts messages on an internal queue,
whose dequeue count decides when a blob is poison.
"""

import json
from typing import Any

import msgspec
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobProperties
from azure.storage.queue import QueueMessage

from infra.local.host.bindings import blob_value
from infra.local.host.blob_path import BlobPath
from infra.local.host.connections import HOST_STORAGE
from infra.local.host.console import Console
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.functions import Function
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.wire import Typed

POISON_QUEUE = "webjobs-blobtrigger-poison"


class BlobMessage(msgspec.Struct, frozen=True, rename="pascal"):
    """What the internal queue carries, and the poison queue after it."""

    function_id: str
    container_name: str
    blob_name: str
    e_tag: str = msgspec.field(name="ETag")
    type: str = "BlobTrigger"
    blob_type: str = "BlockBlob"


def function_id(name: str) -> str:
    """A function as the platform names it in messages and receipts."""
    return f"Host.Functions.{name}"


def bare(etag: str | None) -> str:
    """An entity tag without the quotes, which the service puts only into headers."""
    return (etag or "").strip('"')


class BlobWork:
    """Runs blob functions for the messages of the internal queue."""

    group = "blob"

    def __init__(
        self, functions: dict[str, tuple[Function, BlobPath]], invoker: Invoker, console: Console
    ) -> None:
        """`functions` by their id in messages."""
        self.functions, self.invoker, self.console = functions, invoker, console

    async def run(self, message: QueueMessage, body: bytes) -> None:
        """Run the function that the message names. Raises InvocationFailed.

        A message about a version that is no more has nothing to do: the version that replaced it
        has a message of its own.
        """
        try:
            about = msgspec.json.decode(body, type=BlobMessage)
            function, path = self.functions[about.function_id]
        except (msgspec.DecodeError, KeyError) as error:
            self.console.event(f"Blob trigger: no function for the message {message.id}: {error!r}")
            raise InvocationFailed(f"not a message about a blob of this app: {error!r}") from error
        connection = function.trigger.get("connection", HOST_STORAGE)
        try:
            accounts = self.invoker.bindings.accounts
            blob = accounts.blob(connection, about.container_name, about.blob_name)
            stream = await blob.download_blob()
            if bare(stream.properties.etag) != bare(about.e_tag):
                return
            content: bytes = await stream.readall()
        except ResourceNotFoundError:
            return
        except (AzureError, HostError) as error:
            self.console.event(f"Blob trigger: cannot read {about.blob_name}: {error}")
            raise InvocationFailed(f"the blob cannot be read: {error}") from error
        name = f"{about.container_name}/{about.blob_name}"
        metadata, data = trigger_metadata(name, blob.url.partition("?")[0], stream.properties)
        await self.invoker.invoke(
            function,
            Trigger(
                reason=f"New blob detected: {name}",
                value=blob_value(function.trigger, content),
                metadata=metadata,
                data={**data, **(path.match(about.blob_name) or {})},
            ),
        )


def trigger_metadata(
    name: str, url: str, properties: BlobProperties
) -> tuple[dict[str, Typed], dict[str, Any]]:
    """What a function learns beside the content, and the binding data for expressions."""
    settings = properties.content_settings
    own: dict[str, Any] = {
        "Uri": url,
        "Properties": {
            "ContentLength": properties.size,
            "ContentType": settings.content_type,
            "ContentEncoding": settings.content_encoding,
            "ETag": bare(properties.etag),
            "LastModified": properties.last_modified.isoformat(),
        },
        "Metadata": dict(properties.metadata or {}),
    }
    metadata = {key: Typed("json", json.dumps(value)) for key, value in own.items()}
    metadata["BlobTrigger"] = Typed("string", name)
    return metadata, {**own, "BlobTrigger": name}
