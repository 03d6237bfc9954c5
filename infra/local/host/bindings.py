"""Input bindings before a call and output bindings after its success."""

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ResourceNotFoundError

from infra.local.host.connections import HOST_STORAGE, StorageAccounts
from infra.local.host.errors import HostError, InvocationFailed
from infra.local.host.expressions import expand
from infra.local.host.functions import Binding, Function
from infra.local.host.newtonsoft import looks_like_json, print_token
from infra.local.host.queue_messages import QueueSender
from infra.local.host.tables import read_rows, write_rows
from infra.local.host.wire import Result, Typed

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient


class Bindings:
    """Reads inputs and writes outputs of invocations."""

    def __init__(
        self, settings: Mapping[str, str], accounts: StorageAccounts, queues: QueueSender
    ) -> None:
        self.settings, self.accounts, self.queues = settings, accounts, queues
        self.blob_written = asyncio.Event()
        """Set after every blob output: blob triggers of the same host look at once."""

    async def read_inputs(
        self, function: Function, data: Mapping[str, Any]
    ) -> dict[str, Typed | None]:
        """Values of the input bindings. Raises InvocationFailed."""
        try:
            return {binding.name: await self._read(binding, data) for binding in function.inputs}
        except (AzureError, HostError, ValueError) as error:
            raise InvocationFailed(f"input binding: {error}") from error

    async def write_outputs(
        self, function: Function, result: Result, data: Mapping[str, Any]
    ) -> None:
        """Write every output that has a value, in parallel and not atomically.

        Raises InvocationFailed if one cannot be written: the invocation then counts as failed
        although the function ran.
        """
        writes = []
        for binding in function.outputs:
            value = result.returned if binding.name == "$return" else None
            value = value or result.outputs.get(binding.name)
            if value is None or binding.type == "http":
                continue
            writes.append(self._write(binding, value, data))
        for outcome in await asyncio.gather(*writes, return_exceptions=True):
            if isinstance(outcome, AzureError | HostError | ValueError):
                raise InvocationFailed(f"output binding: {outcome}") from outcome
            if isinstance(outcome, BaseException):
                raise outcome

    def _expand(self, binding: Binding, key: str, data: Mapping[str, Any]) -> str:
        return expand(binding.text(key), self.settings, data)

    def _optional(self, binding: Binding, key: str, data: Mapping[str, Any]) -> str:
        return expand(str(binding.get(key, "")), self.settings, data)

    async def _read(self, binding: Binding, data: Mapping[str, Any]) -> Typed | None:
        if binding.type == "table":
            return await self._read_table(binding, data)
        return await self._read_blob(binding, data)

    async def _write(self, binding: Binding, value: Typed, data: Mapping[str, Any]) -> None:
        write = {"queue": self._write_queue, "table": self._write_table, "blob": self._write_blob}
        await write[binding.type](binding, value, data)

    def _table(self, binding: Binding, data: Mapping[str, Any]) -> "TableClient":
        name = self._expand(binding, "tableName", data)
        return self.accounts.table(binding.get("connection", HOST_STORAGE), name)

    async def _read_table(self, binding: Binding, data: Mapping[str, Any]) -> Typed:
        partition = self._optional(binding, "partitionKey", data)
        condition = self._optional(binding, "filter", data)
        take = int(binding.get("take", 0))
        table = self._table(binding, data)
        return Typed("string", await read_rows(table, partition, condition, take))

    async def _write_table(self, binding: Binding, value: Typed, data: Mapping[str, Any]) -> None:
        given = {
            "PartitionKey": self._optional(binding, "partitionKey", data),
            "RowKey": self._optional(binding, "rowKey", data),
        }
        keys = {name: key for name, key in given.items() if key}
        await write_rows(self._table(binding, data), as_text(value), keys)

    async def _read_blob(self, binding: Binding, data: Mapping[str, Any]) -> Typed | None:
        container, _, name = self._expand(binding, "path", data).partition("/")
        blob = self.accounts.blob(binding.get("connection", HOST_STORAGE), container, name)
        try:
            stream = await blob.download_blob()
            content: bytes = await stream.readall()
        except ResourceNotFoundError:
            return None
        return blob_value(binding, content)

    async def _write_blob(self, binding: Binding, value: Typed, data: Mapping[str, Any]) -> None:
        container, _, name = self._expand(binding, "path", data).partition("/")
        connection = binding.get("connection", HOST_STORAGE)
        content = value.value if isinstance(value.value, bytes) else str(value.value).encode()
        await self.accounts.make_container(connection, container)
        await self.accounts.blob(connection, container, name).upload_blob(content, overwrite=True)
        self.blob_written.set()

    async def _write_queue(self, binding: Binding, value: Typed, data: Mapping[str, Any]) -> None:
        queue = self._expand(binding, "queueName", data).lower()
        connection = binding.get("connection", HOST_STORAGE)
        for body in queue_bodies(value):
            await self.queues.send(connection, queue, body)


def blob_value(binding: Binding, content: bytes) -> Typed:
    """The content of a blob as the binding's `dataType` wants it; bytes where it says nothing."""
    if str(binding.get("dataType", "")).lower() == "string":
        return Typed("string", content.decode("utf-8", errors="replace"))
    return Typed("bytes", content)


def as_text(value: Typed) -> str:
    """An output as text. Raises ValueError for bytes that are no UTF-8."""
    return value.value.decode() if isinstance(value.value, bytes) else str(value.value)


def queue_bodies(value: Typed) -> list[bytes]:
    """The messages that one queue output becomes.

    Bytes are one message untouched. Text that looks like JSON is parsed: an array is one message
    per element, objects are printed again, indented.
    """
    if isinstance(value.value, bytes):
        return [value.value]
    text = str(value.value)
    if looks_like_json(text):
        try:
            token = json.loads(text)
        except ValueError:
            return [text.encode()]
        elements = token if isinstance(token, list) else [token]
        return [print_token(element).encode() for element in elements]
    return [text.encode()]
