"""What workers counted of the requests that they answered: a row a batch, later one an hour.

A batch is kept under the worker's id and its number, so that one which comes again changes nothing. What
was counted is JSON (`core.sample`), which adds up. Nothing in it is a tenant's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.sample import Batch, Sample
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import ask_as_operator, operator_session

REQUEST_SAMPLES = Table(
    "request_samples",
    METADATA,
    # Of an hour that is merged it is nobody's id, and the number that of the hour since 1970.
    Column("worker_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("began_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT, nullable=False),
    Column("workers", ARRAY(Uuid), nullable=False),
    Column("content", JSONB, nullable=False),
    Index("request_samples_ended", "ended_at"),
)

_NOBODY = UUID(int=0)
_HOUR = timedelta(hours=1)
# Thirty days by the hour, and two hours of fifty workers.
_MOST = 15_000

_KEEP = """
    INSERT INTO kanri.request_samples (worker_id, number, began_at, ended_at, workers, content)
    VALUES (%(worker_id)s, %(number)s, %(began_at)s, %(ended_at)s, ARRAY[%(worker_id)s::uuid],
        %(content)s::jsonb)
    ON CONFLICT DO NOTHING
"""
_BETWEEN = """
    SELECT began_at, ended_at, workers, content FROM kanri.request_samples
    WHERE ended_at > %(since)s AND ended_at <= %(until)s ORDER BY ended_at DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class KeptSample:
    """One row: what `workers` counted between two instants."""

    began_at: datetime
    ended_at: datetime
    workers: Sequence[UUID]
    sample: Sample


class RequestSamples:
    """The samples of all workers. Every method may raise StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, batch: Batch) -> None:
        """Keep a batch in one round trip; one that is kept already changes nothing.

        What a crash of the server takes of the last half second is counts, not worth its disk's time.
        """
        values = {
            "worker_id": batch.worker_id,
            "number": batch.number,
            "began_at": batch.began_at,
            "ended_at": batch.ended_at,
            "content": json.dumps(batch.sample.told()),
        }
        ask_as_operator(self._engine, _KEEP, values, durable=False)

    def between(self, since: datetime, until: datetime) -> list[KeptSample]:
        """Return what was kept of the time, the newest first; an hour that is merged as a whole."""
        values = {"since": since, "until": until, "most": _MOST}
        rows = ask_as_operator(self._engine, _BETWEEN, values)
        return [_kept(row) for row in rows]

    def hours_to_merge(self, before: datetime) -> list[datetime]:
        """Return the hours that ended before an instant and have several rows, the oldest first."""
        ended = REQUEST_SAMPLES.c.ended_at
        hour = func.date_trunc("hour", ended)
        several = select(hour).group_by(hour).having(func.count() > 1).order_by(hour)
        with operator_session(self._engine) as connection:
            return list(connection.execute(several.where(ended < _hour_of(before))).scalars())

    def merge(self, hour: datetime) -> int:
        """Make one row of those of an hour; return how many they were. All of it, or none."""
        ended = REQUEST_SAMPLES.c.ended_at
        gone = delete(REQUEST_SAMPLES).where(ended >= hour, ended < hour + _HOUR)
        with operator_session(self._engine) as connection:
            found = [_kept(row) for row in connection.execute(gone.returning(REQUEST_SAMPLES))]
            if found:
                _insert_merged(connection, hour, found)
            return len(found)

    def forget(self, before: datetime) -> int:
        """Delete what ended before an instant; return how many rows."""
        old = delete(REQUEST_SAMPLES).where(REQUEST_SAMPLES.c.ended_at < before)
        with operator_session(self._engine) as connection:
            return connection.execute(old).rowcount


def _insert_merged(connection: Connection, hour: datetime, found: Sequence[KeptSample]) -> None:
    whole = Sample()
    for kept in found:
        whole.merge(kept.sample)
    merged = insert(REQUEST_SAMPLES).values(
        worker_id=_NOBODY,
        number=int(hour.timestamp()) // 3600,
        began_at=min(kept.began_at for kept in found),
        ended_at=max(kept.ended_at for kept in found),
        workers=sorted({worker for kept in found for worker in kept.workers}),
        content=whole.told(),
    )
    connection.execute(merged)


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _kept(row: Any) -> KeptSample:
    return KeptSample(row.began_at, row.ended_at, row.workers, Sample.read(row.content))
