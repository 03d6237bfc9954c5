"""Runs one collect message: open the run, read by mode, store page by page, close the ledger row."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from shared.core import clock
from shared.core.collector import Collector, Delta, FanOut, Pages, UsageCsv, Window
from shared.core.coverage import State
from shared.core.errors import (
    BadMessage,
    GraphError,
    NotLicensed,
    NotPermitted,
    StoreUnavailable,
    Superseded,
    Throttled,
)
from shared.core.logs import log, log_context, log_failure
from shared.core.messages import CollectMessage
from shared.core.registry import datasets
from shared.core.telemetry import COLLECT
from shared.core.text import text
from shared.store.work.run_records import Run
from shared.usecases.collection import UNFINISHED, Collection, Reading, Workshop
from shared.usecases.keep_run import kept
from shared.usecases.measure_run import measure_run
from shared.usecases.read_children import read_children_of_parents
from shared.usecases.read_listing import read_listing
from shared.usecases.read_usage_report import read_usage_report
from shared.usecases.read_window import read_window

READERS: Mapping[type, Callable[[Collection], Awaitable[Reading]]] = {
    Pages: read_listing,
    Delta: read_listing,
    Window: read_window,
    UsageCsv: read_usage_report,
    FanOut: read_children_of_parents,
}

_WHILE_AWAY = timedelta(minutes=1)
_RETRY_FAILED = timedelta(minutes=30)


async def collect(message: CollectMessage, workshop: Workshop) -> CollectMessage | None:
    """Do one message's work; return the message that goes on with the run, if there is more.

    At-least-once delivery, exactly-once effect: a message whose run is finished, alive elsewhere or
    further on, or whose tenant has been removed meanwhile, does nothing. Raises BadMessage for an unknown tenant or dataset, StoreUnavailable
    when the message should come back. Whatever Graph does ends in the ledger, not in an exception.
    """
    ids = {"tenant": message.tenant_id, "dataset": message.dataset, "run": message.run_id}
    with log_context(**ids, traceparent=message.traceparent):
        if message.dataset not in datasets():
            raise BadMessage("dataset_unknown", parameter="dataset", value=message.dataset)
        run = await asyncio.to_thread(workshop.runs.open, message, clock.now())
        if run == "unknown_tenant":
            raise BadMessage("tenant_unknown", parameter="tenant_id", value=message.tenant_id)
        if not isinstance(run, Run):
            log("message_needs_nothing", reason=run)
            return None
        span = COLLECT.around(
            tenant_id=str(run.tenant_id), dataset=run.dataset, run_id=str(run.run_id)
        )
        try:
            with span:
                return await _work(message, run, workshop)
        except Superseded:
            log("run_superseded")
            return None
        except StoreUnavailable as error:
            log("run_interrupted", level=logging.WARNING, cause=error.code)
            raise
        except Exception as error:
            log_failure("run_broken", error)
            raise


async def _work(message: CollectMessage, run: Run, workshop: Workshop) -> CollectMessage | None:
    spec = workshop.collector(message.dataset)
    before = run.counts.read, run.checkpoint
    try:
        async with kept(workshop.runs, run):
            at_work = Collection(spec, run, workshop)
            await at_work.settle_place()
            reading = await _read(at_work)
    except GraphError as error:
        # Progress is what is new: a page read once more from the same place is none.
        moved = run.counts.read > before[0] and run.checkpoint != before[1]
        await _stop(run, workshop, error, moved=moved)
        return None
    if reading.finished:
        await _finish(run, workshop, reading)
        return None
    if _too_long(run, workshop):
        hours = round((clock.now() - run.started_at) / timedelta(hours=1), 1)
        endless = GraphError("run_too_long", parts=run.part + 1, hours=hours)
        await _fail(run, workshop, endless, clock.now())
        return None
    claim = await asyncio.to_thread(workshop.runs.hand_over, run, clock.now())
    log("run_goes_on", part=claim.part)
    return message.model_copy(update={"part": claim.part})


async def _read(at_work: Collection) -> Reading:
    """Read by mode, with smaller pages where Graph takes too long over one."""
    while True:
        try:
            return await READERS[type(at_work.collector.mode)](at_work)
        except GraphError as error:
            if not await at_work.shrink(error):
                raise
        if at_work.out_of_time:
            return UNFINISHED


def _too_long(run: Run, workshop: Workshop) -> bool:
    """Tell whether a run has had its time, and more: no data set is that large."""
    age = clock.now() - run.started_at
    return run.part + 1 >= workshop.most_parts or age >= workshop.longest_run


async def _stop(run: Run, workshop: Workshop, error: GraphError, *, moved: bool) -> None:
    """Put the run off while waiting may help, else end it. `moved`: this part has got further."""
    now = clock.now()
    wait = timedelta(seconds=error.retry_after) if isinstance(error, Throttled) else _WHILE_AWAY
    until = now + wait
    # A run that has read something has a place to lose: it waits longer.
    patience = workshop.keep_place_for if run.counts.read else workshop.give_up_after
    spent = not moved and now - run.started_at >= patience
    if not error.retryable or spent or _too_long(run, workshop):
        await _fail(run, workshop, error, until)
        return
    await asyncio.to_thread(workshop.runs.defer, run, until, error)
    log("run_deferred", cause=error.code, until=until)


async def _fail(run: Run, workshop: Workshop, error: GraphError, throttled_until: datetime) -> None:
    """End the run with Graph's refusal. What was read stays; nothing is closed."""
    now = clock.now()
    retry: datetime | None = None
    state: State
    if isinstance(error, NotLicensed):
        state = "not_licensed"
    elif isinstance(error, NotPermitted):
        state = "not_permitted"
    elif isinstance(error, Throttled):
        state, retry = "throttled", throttled_until
    else:
        state = "partial" if run.counts.read else "failed"
        retry = retry_at(workshop.collector(run.dataset), now)
    await asyncio.to_thread(workshop.runs.finish, run, state, now=now, cause=error, next_due=retry)
    measure_run(run, state, error.code, now)
    log("run_finished", state=state, cause=error.code, detail=error.message())


def retry_at(spec: Collector, now: datetime) -> datetime:
    """Return when a run that failed is due again: not as late as a daily schedule says."""
    return now + min(_RETRY_FAILED, spec.every)


async def _finish(run: Run, workshop: Workshop, reading: Reading) -> None:
    """End a run that came to its end. A partial one reads the same again next time."""
    state: State = "ok" if reading.cause is None or reading.remark else "partial"
    detail = None if reading.cause is None else text(f"error.{reading.cause}", **reading.params)
    now = clock.now()
    await asyncio.to_thread(
        workshop.runs.finish,
        run,
        state,
        now=now,
        cause=reading.cause,
        detail=detail,
        window=reading.window,
        final_until=reading.final_until,
        go_on=reading.go_on,
        healed=reading.healed,
    )
    measure_run(run, state, reading.cause, now, reading.healed)
    log(
        "run_finished",
        state=state,
        cause=reading.cause,
        healed=reading.healed,
        counts=asdict(run.counts),
    )
