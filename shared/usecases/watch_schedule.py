"""Tells monitoring that the schedule is alive, and which datasets it has left behind."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from shared.core.registry import collector, datasets
from shared.core.telemetry import LATENESS, TICKS
from shared.store.work.lateness import Lateness

# A run that is on its way is not late.
_GRACE = timedelta(minutes=15)


def watch_schedule(engine: Engine, now: datetime) -> None:
    """Emit one tick, and how late each overdue dataset is. Raises StoreUnavailable."""
    TICKS.emit(1)
    every = {dataset: collector(dataset).every for dataset in datasets()}
    for one in Lateness(engine).overdue(now, every, _GRACE):
        LATENESS.emit(one.late.total_seconds(), tenant_id=str(one.tenant_id), dataset=one.dataset)
