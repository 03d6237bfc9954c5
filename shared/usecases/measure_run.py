"""Tells monitoring how a collection run ended."""

import logging
from datetime import datetime

from shared.core.telemetry import Event, Metric
from shared.core.work import Ended
from shared.store.work.run_records import Run

RUNS = Metric(
    name="kanri.collect.runs",
    kind="counter",
    unit="{run}",
    description="Collection runs that ended, by the state written to the ledger.",
    dimensions=("tenant_id", "dataset", "state"),
)
RUN_DURATION = Metric(
    name="kanri.collect.duration",
    kind="histogram",
    unit="s",
    description="Time from the start of a run to its end, waits between its parts included.",
    dimensions=("dataset", "state"),
)
ROWS = Metric(
    name="kanri.collect.rows",
    kind="counter",
    unit="{row}",
    description="Rows of ended runs by what became of them.",
    dimensions=("dataset", "change"),
)
RUN_PROBLEM = Event(
    name="kanri.collect.problem",
    description="A run ended in a state other than ok or off; cause is the error code.",
    dimensions=("tenant_id", "dataset", "run_id", "state", "cause"),
)

_CHANGES = ("inserted", "updated", "unchanged", "closed", "rejected")
_logger = logging.getLogger("kanri")


def measure_run(run: Run, ended: Ended, now: datetime) -> None:
    """Emit state, duration and rows of an ended run, and an event unless it went well.

    Healed rows, which a full round changed after the changes had been read, are counted among the
    inserted, updated and closed ones too.
    """
    tenant, state = str(run.tenant_id), ended.state
    RUNS.emit(1, tenant_id=tenant, dataset=run.dataset, state=state)
    seconds = (now - run.started_at).total_seconds()
    RUN_DURATION.emit(seconds, dataset=run.dataset, state=state)
    for change in _CHANGES:
        if count := getattr(run.counts, change):
            ROWS.emit(count, dataset=run.dataset, change=change)
    if ended.healed:
        ROWS.emit(ended.healed, dataset=run.dataset, change="healed")
    if state not in ("ok", "off"):
        RUN_PROBLEM.emit(
            _logger,
            tenant_id=tenant,
            dataset=run.dataset,
            run_id=str(run.run_id),
            state=state,
            cause=ended.cause or "none",
        )
