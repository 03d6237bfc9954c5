"""The nightly upkeep: partitions exist before their month begins."""

from datetime import UTC, datetime, time

from shared.core.logs import log
from shared.core.registry import collector, datasets
from shared.store.schema.partitions import PartitionKeeper, months_ahead


def maintain(partitions: PartitionKeeper, now: datetime) -> None:
    """Make the partitions of this month and the two that follow, for every dataset of events."""
    months = [datetime.combine(day, time(), UTC) for day in months_ahead(now)]
    for dataset in datasets():
        if collector(dataset).shape == "event":
            partitions.ensure(dataset, months)
    log("partitions_made", months=[month.strftime("%Y-%m") for month in months])
