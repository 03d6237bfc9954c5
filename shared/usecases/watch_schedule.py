"""Tells monitoring that the schedule is alive, and which datasets it has left behind."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.core.registry import collector, datasets
from shared.core.telemetry import Metric
from shared.store.work.lateness import Lateness

if TYPE_CHECKING:
    from sqlalchemy import Engine

TICKS = Metric(
    name="kanri.schedule.ticks",
    kind="counter",
    unit="{tick}",
    description="Schedule looked for due collections: the heartbeat of the app.",
)
LATENESS = Metric(
    name="kanri.dataset.lateness",
    kind="gauge",
    unit="s",
    description="How long a dataset of an active tenant has been due without a complete read.",
    dimensions=("tenant_id", "dataset"),
)

# A run that is on its way is not late.
GRACE = timedelta(minutes=15)


def watch_schedule(engine: "Engine", now: datetime) -> None:
    """Emit one tick, and how late each overdue dataset is. Raises StoreUnavailable."""
    TICKS.emit(1)
    every = {dataset: collector(dataset).every for dataset in datasets()}
    for one in Lateness(engine).overdue(now, every, GRACE):
        LATENESS.emit(one.late.total_seconds(), tenant_id=str(one.tenant_id), dataset=one.dataset)
