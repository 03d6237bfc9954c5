"""Ends a run because a caller wants it ended: up goes the fence, and its worker writes no more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, insert, null, select, update

from shared.store.work import ledger
from shared.store.work.ledger import LEDGER
from shared.store.work.work_state import COUNTS, WORK_STATE

CANCELLED = "run_cancelled"


def cancel_run(
    connection: Connection, tenant_id: UUID, kind: str, run_id: UUID, now: datetime
) -> bool:
    """End the run if it is under way, with a row in the ledger; tell whether it was.

    What it has stored stays, the place that it had got to does not: the next run starts where this
    one did, when it is due. A message of it that comes later finds it ended.
    """
    line = {"tenant_id": tenant_id, "kind": kind}
    query = select(WORK_STATE).filter_by(**line).where(WORK_STATE.c.run_id == run_id)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        return False
    run = ledger.run_of(row, row.started_at or now)
    record = ledger.record(row, run, "failed", now, None, None) | {"cause": CANCELLED}
    if row.started_at is None:  # What its line counts is the run before.
        record |= dict.fromkeys(COUNTS, 0)
    connection.execute(insert(LEDGER), record)
    change = update(WORK_STATE).filter_by(**line, subject=row.subject)
    connection.execute(change.values(_idle(row)))
    return True


def _idle(row: Row[tuple[object, ...]]) -> dict[str, object]:
    values: dict[str, object] = {
        "phase": "idle",
        "run_id": None,
        "started_at": None,
        "run_checkpoint": null(),
        "lease_until": None,
        "pending_until": None,
        "next_due": None,
        "version": WORK_STATE.c.version + 1,
    }
    if (
        row.started_at is not None
    ):  # One that had not begun changes nothing of when the next is due.
        values["last_started_at"] = row.started_at
    return values
