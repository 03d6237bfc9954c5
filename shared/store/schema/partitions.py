"""Makes the monthly partitions of event tables before their rows arrive."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy import Engine

from shared.store.session.sessions import cursor, operator_session


class PartitionKeeper:
    """Remembers which months exist, so that the database is asked once per month and worker."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: set[tuple[str, date]] = set()

    def ensure(self, dataset: str, times: Iterable[datetime]) -> None:
        """Make the partitions for the UTC months of `times`, in a transaction of their own.

        Months absurdly far off get none; their rows land in the default partition.
        """
        months = {(time.year, time.month) for time in (item.astimezone(UTC) for item in times)}
        wanted = {date(year, month, 1) for year, month in months}
        missing = sorted(day for day in wanted if (dataset, day) not in self._known)
        if not missing:
            return
        with operator_session(self._engine) as connection, cursor(connection) as query:
            query.execute("SELECT kanri.ensure_partitions(%s, %s)", [dataset, missing])
        self._known.update((dataset, day) for day in missing)


def months_ahead(now: datetime) -> list[date]:
    """Return the first days of this month and of the two that follow."""
    first = now.year * 12 + now.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(first, first + 3)]
