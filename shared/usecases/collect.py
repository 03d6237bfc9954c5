"""Collects: one part of one run reads as far as its extent says and stores page by page.

Rows and place are saved together, by `store.datasets.loading` and `checkpoints`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import replace
from datetime import datetime, timedelta
from functools import cache

from shared.core import clock
from shared.core.collector import PLANS, Collector
from shared.core.coverage import REFUSED, State
from shared.core.errors import GraphError, GraphUnavailable, NotLicensed, NotPermitted, Throttled
from shared.core.registry import collector as declared
from shared.core.registry import datasets
from shared.core.telemetry import Span
from shared.core.text import text
from shared.core.work import Cadence, Ended, GoesOn, Outcome, PutOff, Work
from shared.store.registers.graph_answers import GraphAnswers
from shared.store.registers.tenant_settings import TenantSettings
from shared.store.work.run_records import Run
from shared.usecases.check_licence import check_nothing
from shared.usecases.collection import UNFINISHED, Collection, Reading
from shared.usecases.doors import WorkDoors
from shared.usecases.measure_run import measure_run
from shared.usecases.read_children import read_children_of_parents
from shared.usecases.read_dates import read_dates
from shared.usecases.read_listing import read_listing
from shared.usecases.read_since import read_since
from shared.usecases.read_slices import read_slices
from shared.usecases.read_usage_report import read_usage_report

COLLECT = Span(
    name="kanri.collect",
    description="One part of one collection run.",
    dimensions=("tenant_id", "dataset", "run_id"),
)

# By what the extent of a collector calls its reading.
READERS: Mapping[str, Callable[[Collection], Awaitable[Reading]]] = {
    "listing": read_listing,
    "since": read_since,
    "slices": read_slices,
    "usage": read_usage_report,
    "dates": read_dates,
    "children": read_children_of_parents,
}

# A line a day in the ledger tells of what is off, however often it would be read.
_SAID_EVERY = timedelta(days=1)
_WHILE_AWAY = timedelta(minutes=1)
# A token that was not accepted, or not given, says nothing of one dataset.
_REFUSALS = frozenset(
    {"graph_not_licensed", "no_service_plan", "graph_not_permitted", "parent_not_collected"}
)


async def collect(run: Run, doors: WorkDoors) -> Outcome:
    """Read until the end or until the time is up. Whatever Graph does becomes an outcome, never an
    exception; Superseded and StoreUnavailable are the engine's."""
    collector = doors.collector(run.dataset)
    if collector.switches and (off := await asyncio.to_thread(_off, collector, run, doors)):
        return off
    outcome = await _collected(collector, run, doors)
    if isinstance(outcome, Ended) and outcome.state in REFUSED and outcome.cause in _REFUSALS:
        outcome = _asked_daily(outcome, run, collector.every)
    answers = doors.graph(run.tenant_id).tally.take()
    if answers:
        kept = GraphAnswers(doors.engine)
        await asyncio.to_thread(kept.keep, run.tenant_id, answers, clock.now())
    if isinstance(outcome, Ended) and _licences_changed(run):
        await asyncio.to_thread(doors.runs.ask_again, run.tenant_id, REFUSED, clock.now())
    return outcome


def _licences_changed(run: Run) -> bool:
    """Whether the run has found other licences than the last one: what was refused may be given now."""
    return run.dataset == PLANS and run.complete_at is not None and run.counts.changed


async def _collected(collector: Collector, run: Run, doors: WorkDoors) -> Outcome:
    before = run.counts.read, run.checkpoint
    at_work = Collection(collector, run, doors)
    tenant, run_id = str(run.tenant_id), str(run.run_id)
    with COLLECT.around(tenant_id=tenant, dataset=run.dataset, run_id=run_id):
        try:
            await at_work.settle_place()
            reading = await _read(at_work)
            if reading.finished:
                await check_nothing(at_work)
        except GraphError as error:
            # Progress is what is new: a page read once more from the same place is none.
            moved = run.counts.read > before[0] and run.checkpoint != before[1]
            return _stopped(run, doors, error, moved=moved)
    if reading.wait is not None:
        return _waiting(run, reading.wait)
    return _ended(at_work, reading) if reading.finished else GoesOn()


def _off(collector: Collector, run: Run, doors: WorkDoors) -> Ended | None:
    """End the run, without a request, if the tenant has not switched on all that it takes."""
    on = TenantSettings(doors.engine).of(run.tenant_id).switched_on
    missing = [dataset for dataset in collector.switches if dataset not in on]
    if not missing:
        return None
    detail = text("error.not_switched_on", datasets=", ".join(missing))
    return Ended(
        state="off", cause="not_switched_on", detail=detail, next_due=clock.now() + _SAID_EVERY
    )


def _asked_daily(ended: Ended, run: Run, every: timedelta) -> Ended:
    """Let what was refused the time before, too, be asked for once a day, however often it would be read.

    The first refusal may be a mistake of Graph's.
    """
    wait = max(every, _SAID_EVERY) if run.refused else every
    return replace(ended, next_due=clock.now() + wait)


async def _read(at_work: Collection) -> Reading:
    """Read, with smaller pages where Graph takes too long over one."""
    while True:
        try:
            return await READERS[at_work.collector.extent.reading](at_work)
        except GraphError as error:
            if not await at_work.shrink(error):
                raise
        if at_work.out_of_time:
            return UNFINISHED


def _stopped(run: Run, doors: WorkDoors, error: GraphError, *, moved: bool) -> Outcome:
    """Put the run off while waiting may help, else end it. `moved`: this part has got further."""
    wait = timedelta(seconds=error.retry_after) if isinstance(error, Throttled) else _WHILE_AWAY
    until = clock.now() + wait
    failed = _failed(run, error, until)
    if not error.retryable:
        return failed
    # A run that has read something has a place to lose: it waits longer.
    patience = doors.keep_place_for if run.counts.read else doors.give_up_after
    if error.code == "parent_under_way":  # by us: it ends, and sends on what waits for it
        patience = doors.longest_run
    return PutOff(until=until, cause=error, patience=patience, moved=moved, instead=failed)


def _waiting(run: Run, wait: timedelta) -> PutOff:
    """Put the run off while Graph is at work for it. The reader knows when that takes too long."""
    until, cause = clock.now() + wait, GraphUnavailable("job_under_way")
    failed = _failed(run, cause, until)
    return PutOff(until=until, cause=cause, patience=wait, moved=True, instead=failed)


def _failed(run: Run, error: GraphError, throttled_until: datetime) -> Ended:
    """End the run with Graph's refusal. What was read stays; nothing is closed."""
    cause, detail = error.code, error.message()
    state: State
    if isinstance(error, NotLicensed | NotPermitted):
        state = "not_licensed" if isinstance(error, NotLicensed) else "not_permitted"
        return Ended(state=state, cause=cause, detail=detail, next_due=None)
    if isinstance(error, Throttled):
        return Ended(state="throttled", cause=cause, detail=detail, next_due=throttled_until)
    state = "partial" if run.counts.read else "failed"
    return Ended(state=state, cause=cause, detail=detail, retry=True)


def _ended(at_work: Collection, reading: Reading) -> Ended:
    """End a run that came to its end. A partial one reads the same again next time."""
    detail = None if reading.cause is None else text(f"error.{reading.cause}", **reading.params)
    return Ended(
        state="ok" if reading.cause is None or reading.remark else "partial",
        cause=reading.cause,
        detail=detail,
        place=at_work.left(reading),
        go_on=reading.go_on,
        window=reading.window,
        final_until=reading.final_until,
        healed=reading.healed,
    )


@cache
def _schedule() -> Mapping[str, Cadence]:
    return {dataset: declared(dataset).cadence for dataset in datasets()}


WORK = Work(run=collect, schedule=_schedule, names="dataset", measure=measure_run)
