"""The queue trigger: one function run for each message of its queue."""

import json
from datetime import datetime
from typing import Any

from azure.storage.queue import QueueMessage

from infra.local.host.functions import Function
from infra.local.host.invoker import Invoker, Trigger
from infra.local.host.newtonsoft import print_token
from infra.local.host.wire import Typed


class QueueWork:
    """Runs a queue function for its messages."""

    def __init__(self, function: Function, queue: str, invoker: Invoker) -> None:
        self.function, self.queue, self.invoker = function, queue, invoker
        self.group = function.group

    async def run(self, message: QueueMessage, body: bytes) -> None:
        """Run the function once. Raises InvocationFailed."""
        text = body.decode("utf-8", errors="replace")
        binary = str(self.function.trigger.get("dataType", "")).lower() == "binary"
        metadata, data = trigger_metadata(message, text)
        trigger = Trigger(
            reason=f"New queue message detected on '{self.queue}'.",
            value=Typed("bytes", body) if binary else Typed("string", text),
            metadata=metadata,
            data=data,
        )
        await self.invoker.invoke(self.function, trigger)


def trigger_metadata(message: QueueMessage, text: str) -> tuple[dict[str, Typed], dict[str, Any]]:
    """What a function learns beside the body, and the binding data for expressions.

    Top-level properties of a JSON body are binding data too, except arrays; the trigger's own
    names win.
    """
    own: dict[str, Any] = {
        "QueueTrigger": text,
        "Id": message.id,
        "PopReceipt": message.pop_receipt,
        "DequeueCount": message.dequeue_count,
        "InsertionTime": _moment(message.inserted_on),
        "ExpirationTime": _moment(message.expires_on),
        "NextVisibleTime": _moment(message.next_visible_on),
    }
    plain = ("QueueTrigger", "Id", "PopReceipt")
    metadata = {
        name: Typed("string", value or "") if name in plain else Typed("json", json.dumps(value))
        for name, value in own.items()
    }
    body = _properties(text)
    for name, value in body.items():
        if name not in metadata:
            nested = isinstance(value, dict)
            metadata[name] = (
                Typed("json", json.dumps(value)) if nested else Typed("string", print_token(value))
            )
    return metadata, {**body, **own}


def _moment(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _properties(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {k: v for k, v in document.items() if not isinstance(v, list) and v is not None}
