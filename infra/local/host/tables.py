"""Table bindings: rows as JSON."""

import base64
import contextlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

_INT32 = range(-(2**31), 2**31)


async def read_rows(table: "TableClient", partition: str, condition: str, take: int) -> str:
    """A JSON array of rows: those of a partition, of a filter, or all; a missing table has none.

    The platform gives Python the array even where a row key asks for one row
    (https://github.com/Azure/azure-functions-python-worker/issues/1231).
    """
    from azure.data.tables import EntityProperty

    parts = []
    if partition:
        parts.append(f"PartitionKey eq '{partition.replace("'", "''")}'")
    if condition:
        parts.append(f"({condition})")
    rows: list[dict[str, Any]] = []
    try:
        async for entity in table.query_entities(" and ".join(parts)):
            if take and len(rows) == take:
                break
            values = {
                key: value.value if isinstance(value, EntityProperty) else value
                for key, value in entity.items()
            }
            rows.append({key: _plain(value) for key, value in values.items()})
    except ResourceNotFoundError:
        return "[]"
    return json.dumps(rows, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


async def write_rows(table: "TableClient", text: str, keys: dict[str, str]) -> None:
    """Insert a row, or each row of an array; `keys` serve where a row has none of its own.

    Rows are only ever added: one that exists is an error. Raises ValueError for other JSON, and
    azure.core errors.
    """
    document = json.loads(text)
    for row in document if isinstance(document, list) else [document]:
        if not isinstance(row, dict):
            raise ValueError(f"a row of a table is a JSON object, not {type(row).__name__}")
        entity = {**keys, **{key: _typed(value) for key, value in row.items()}}
        for key in ("PartitionKey", "RowKey"):
            if not isinstance(entity.get(key), str):
                raise ValueError(f"a row needs the text {key}, in itself or in the binding")
        try:
            await table.create_entity(entity)
        except ResourceNotFoundError:
            with contextlib.suppress(ResourceExistsError):  # another output made it just now
                await table.create_table()
            await table.create_entity(entity)


def _typed(value: Any) -> Any:
    """A JSON value as a table takes it: nested values become text, long numbers are marked."""
    from azure.data.tables import EdmType, EntityProperty

    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool) and value not in _INT32:
        return EntityProperty(value, EdmType.INT64)
    return value
