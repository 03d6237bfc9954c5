"""Reads and writes the run ledger, and the one-line state of each dataset."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    insert,
    select,
    tuple_,
)

from shared.core.coverage import State
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.work.run_records import Counts, DatasetStatus, LedgerRow, Run
from shared.store.work.work_state import COUNTS, WORK_STATE, counts

LEDGER = Table(
    "ledger",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT, nullable=False),
    Column("complete_at", INSTANT),
    Column("parts", Integer, nullable=False),
    *counts(),
    Column("rows", BigInteger, nullable=False),
    Column("report_date", Text),
    Column("window_from", INSTANT),
    Column("window_to", INSTANT),
    Column("final_until", INSTANT),
    Column("healed", BigInteger),
    Column("cause", Text),
    Column("cause_detail", Text),
    CheckConstraint(
        "state IN ('ok', 'partial', 'failed', 'not_licensed', 'not_permitted', 'throttled', 'off')",
        "ledger_state_check",
    ),
    Index("ledger_newest", "tenant_id", "kind", "finished_at", "run_id"),
    # What ended in a stretch of time, of whatever kind: the figures.
    Index("ledger_ended", "tenant_id", "finished_at"),
    Index("ledger_subject", "tenant_id", "kind", "subject", "finished_at", "run_id"),
)


def record(
    row: Row[tuple[object, ...]],
    run: Run,
    state: State,
    now: datetime,
    complete_at: datetime | None,
    window: tuple[datetime, datetime] | None,
) -> dict[str, object]:
    """Return the ledger row of a run that ends with the dataset state `row`."""
    opened, closed = window or (None, None)
    return {
        "tenant_id": run.tenant_id,
        "run_id": run.run_id,
        "kind": run.kind,
        "subject": run.subject,
        "trigger": run.trigger,
        "state": state,
        "started_at": run.started_at,
        "finished_at": now,
        "complete_at": complete_at,
        "parts": run.part + 1,
        **{name: getattr(row, name) for name in COUNTS},
        "rows": row.rows,
        "report_date": row.report_date,
        "window_from": opened,
        "window_to": closed,
        "final_until": row.final_until,
    }


def run_of(row: Row[tuple[object, ...]], started_at: datetime) -> Run:
    """Return the run that a line of `work_state` tells of, as nobody holds it."""
    return Run(
        run_id=row.run_id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        subject=row.subject,
        part=row.part,
        trigger=row.trigger,
        started_at=started_at,
        version=row.version,
        checkpoint=None,
        complete_at=None,
        counts=Counts(),
    )


def record_abandoned(connection: Connection, row: Row[tuple[object, ...]], now: datetime) -> None:
    """Record a run that another one took the place of: its worker died and nobody went on."""
    # Its worker's own counts went with it; `record` takes those that were saved with the pages.
    run = run_of(row, row.started_at)
    values = record(row, run, "failed", now, None, None) | {"cause": "run_abandoned"}
    connection.execute(insert(LEDGER), values)


def newest(
    connection: Connection,
    tenant_id: UUID,
    kind: str,
    subject: str | None,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[LedgerRow]:
    """Return finished runs, newest first."""
    query = select(LEDGER).where(LEDGER.c.tenant_id == tenant_id, LEDGER.c.kind == kind)
    if subject is not None:
        query = query.where(LEDGER.c.subject == subject)
    if before is not None:
        # As rows, as the index has them: two runs may end at one instant.
        query = query.where(tuple_(LEDGER.c.finished_at, LEDGER.c.run_id) < tuple_(*before))
    query = query.order_by(LEDGER.c.finished_at.desc(), LEDGER.c.run_id.desc()).limit(limit)
    return [_ledger_row(row) for row in connection.execute(query)]


def status(connection: Connection, tenant_id: UUID, now: datetime) -> list[DatasetStatus]:
    """Return where each dataset stands, by dataset id."""
    state = WORK_STATE.c
    query = select(WORK_STATE).where(state.tenant_id == tenant_id, state.kind == "collect")
    rows = connection.execute(query.order_by(state.subject))
    return [_status(row, now) for row in rows]


def _ledger_row(row: Row[tuple[object, ...]]) -> LedgerRow:
    return LedgerRow(
        run_id=row.run_id,
        tenant_id=row.tenant_id,
        dataset=row.subject,
        trigger=row.trigger,
        state=cast("State", row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        complete_at=row.complete_at,
        parts=row.parts,
        counts=_counts(row),
        rows=row.rows,
        report_date=row.report_date,
        window_from=row.window_from,
        window_to=row.window_to,
        final_until=row.final_until,
        healed=row.healed,
        cause=row.cause,
        cause_detail=row.cause_detail,
    )


def _status(row: Row[tuple[object, ...]], now: datetime) -> DatasetStatus:
    # A run that waits for Graph is under way, though it runs nowhere; one whose lease is over runs
    # nowhere either, whatever its line says until it is claimed again.
    under_way = row.run_id is not None and row.started_at is not None
    deferred = row.phase == "deferred"
    return DatasetStatus(
        dataset=row.subject,
        state="throttled" if deferred else cast("State | None", row.state),
        running=row.phase == "running" and row.lease_until > now,
        pending=row.phase == "pending",
        rows=row.rows,
        finished_at=row.finished_at,
        complete_at=row.complete_at,
        next_due=row.next_due,
        progress=_counts(row) if under_way else None,
        cause=row.cause,
    )


def _counts(row: Row[tuple[object, ...]]) -> Counts:
    return Counts(*(getattr(row, name) for name in COUNTS))
