"""Receives collect messages from the queue: does the work, or keeps what cannot be done visible."""

import asyncio
from dataclasses import dataclass

from shared.core import clock
from shared.core.errors import BadMessage
from shared.core.logs import log, log_context
from shared.core.messages import COLLECT_QUEUE, CollectMessage, parse_collect
from shared.core.registry import datasets
from shared.core.telemetry import DEAD_LETTERS
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.run_records import Run
from shared.store.work.runs import Refusal
from shared.usecases.collect import collect, retry_at
from shared.usecases.collection import Workshop
from shared.usecases.measure_run import measure_run

_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Letterbox:
    """What receiving needs: the workshop, and where bad messages are kept."""

    workshop: Workshop
    dead_letters: DeadLetters


async def receive_collect(
    body: bytes, message_id: str | None, letterbox: Letterbox
) -> CollectMessage | None:
    """Do one message's work; return the one that goes on with it, if any.

    A message that no retry can mend (malformed, of an unknown version, tenant or dataset) becomes a
    dead letter with its cause and is consumed. StoreUnavailable and bugs are raised: the queue
    delivers the message again.
    """
    try:
        return await collect(parse_collect(body), letterbox.workshop)
    except BadMessage as error:
        log("message_rejected", message=message_id, cause=error.code, field=error.parameter)
        await asyncio.to_thread(
            letterbox.dead_letters.add,
            COLLECT_QUEUE,
            _readable(body),
            error.code,
            error.message(),
            message_id,
        )
        DEAD_LETTERS.emit(1, queue=COLLECT_QUEUE, cause=error.code)
        return None


async def bury_collect(body: bytes, message_id: str | None, letterbox: Letterbox) -> None:
    """Keep a message that the host has given up on, and end its run so that the next can start.

    One of a tenant that has been removed meanwhile is not kept: it has nothing to do any more.
    """
    try:
        message = parse_collect(body)
    except BadMessage as error:
        log("message_poisoned", message=message_id, cause=error.code)
        await _keep(body, message_id, letterbox)
        return
    ids = {"tenant": message.tenant_id, "dataset": message.dataset, "run": message.run_id}
    with log_context(message=message_id, **ids):
        log("message_poisoned")
        # A later version may have dropped the dataset.
        known = message.dataset in datasets()
        refusal = await _end(message, letterbox.workshop) if known else None
        if refusal != "removed":
            await _keep(body, message_id, letterbox)


async def _keep(body: bytes, message_id: str | None, letterbox: Letterbox) -> None:
    await asyncio.to_thread(
        letterbox.dead_letters.add,
        COLLECT_QUEUE,
        _readable(body),
        "message_poisoned",
        None,
        message_id,
    )
    DEAD_LETTERS.emit(1, queue=COLLECT_QUEUE, cause="message_poisoned")


async def _end(message: CollectMessage, workshop: Workshop) -> Refusal | None:
    """End the run of `message`; return why there is none to end."""
    run = await asyncio.to_thread(workshop.runs.open, message, clock.now())
    if not isinstance(run, Run):
        return run
    now = clock.now()
    soon = retry_at(workshop.collector(message.dataset), now)
    await asyncio.to_thread(
        workshop.runs.finish, run, "failed", now=now, cause="message_poisoned", next_due=soon
    )
    measure_run(run, "failed", "message_poisoned", now)
    return None


def _readable(body: bytes) -> str:
    """Return the body as text the database can hold, at most 2,000 characters of it."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")[:_SHOWN]
