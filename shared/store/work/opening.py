"""Opens the run that a message names, under a lease and with a fence, or says why there is none."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from msgspec.structs import asdict
from sqlalchemy import Connection, Row, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.core.coverage import REFUSED, TenantState
from shared.core.errors import Superseded
from shared.core.work import DEPLOYMENT
from shared.store.registers.tenant_table import TENANTS
from shared.store.work import ledger
from shared.store.work.ledger import LEDGER
from shared.store.work.run_records import Counts, Run
from shared.store.work.seen_pages import SEEN_PAGES
from shared.store.work.work_state import COUNTS, WORK_STATE

if TYPE_CHECKING:
    from shared.core.messages import Claim

# A worker that died is taken for dead after so long; one that lives prolongs it as it goes.
LEASE = timedelta(minutes=2)

type Refusal = Literal["duplicate", "busy", "paused", "removed", "unknown_tenant", "stale"]
type Key = Mapping[str, UUID | str]


def open_run(connection: Connection, claim: "Claim", now: datetime) -> Run | Refusal:
    """Take the run (see `Runs.open`)."""
    refusal = _tenant_refusal(connection, claim.tenant_id)
    if refusal is not None:
        return refusal
    row = _locked_state(connection, key(claim))
    refusal = _run_refusal(connection, row, claim, now)
    if refusal is not None:
        return refusal
    if row.run_id == claim.run_id and row.started_at is not None:
        return _resume(connection, row, claim, now)
    return _begin(connection, row, claim, now)


def key(one: "Claim | Run") -> Key:
    """Return what names a line of `work_state`."""
    return {"tenant_id": one.tenant_id, "kind": one.kind, "subject": one.subject}


def update_state(
    connection: Connection, line: Key, values: Mapping[str, object]
) -> Row[tuple[object, ...]]:
    """Change one line and return it."""
    change = update(WORK_STATE).filter_by(**line)
    return connection.execute(change.values(**values).returning(WORK_STATE)).one()


def require_held(connection: Connection, run: Run) -> None:
    """Raise Superseded unless nobody else has taken or ended the run."""
    query = select(WORK_STATE.c.run_id).filter_by(**key(run), run_id=run.run_id)
    if connection.execute(query.where(WORK_STATE.c.version == run.version)).first() is None:
        raise Superseded("run_superseded", run=str(run.run_id))


def forget_seen(connection: Connection, one: "Claim | Run") -> None:
    """Forget what the pages of a dataset's last read contained."""
    if one.kind == "collect":
        of_dataset = {"tenant_id": one.tenant_id, "dataset": one.subject}
        connection.execute(delete(SEEN_PAGES).filter_by(**of_dataset))


def _tenant_refusal(connection: Connection, tenant_id: UUID) -> Refusal | None:
    if tenant_id == DEPLOYMENT:
        return None
    # Held until the run is open: else a purge in between would find no run to fence off.
    query = select(TENANTS.c.state).filter_by(tenant_id=tenant_id).with_for_update(read=True)
    state = cast("TenantState | None", connection.execute(query).scalar_one_or_none())
    if state is None:
        return "unknown_tenant"
    return None if state == "active" else state


def _locked_state(connection: Connection, line: Key) -> Row[tuple[object, ...]]:
    connection.execute(upsert(WORK_STATE).values(line).on_conflict_do_nothing())
    query = select(WORK_STATE).filter_by(**line).with_for_update()
    return connection.execute(query).one()


def _run_refusal(
    connection: Connection, row: Row[tuple[object, ...]], claim: "Claim", now: datetime
) -> Refusal | None:
    if row.run_id == claim.run_id:
        # An earlier part: its worker has handed over, and the run is further on by now.
        return "stale" if claim.part < row.part else None
    finished = select(LEDGER.c.run_id).filter_by(tenant_id=claim.tenant_id, run_id=claim.run_id)
    if connection.execute(finished).first() is not None:
        return "duplicate"
    alive = row.phase == "running" and row.lease_until > now
    return "busy" if alive else None


def _resume(
    connection: Connection, row: Row[tuple[object, ...]], claim: "Claim", now: datetime
) -> Run:
    changed = update_state(connection, key(claim), _hold(claim, now))
    # A run that has saved nothing yet begins where the last one ended.
    own = row.run_checkpoint is not None
    counts = Counts(*(getattr(row, name) for name in COUNTS))
    checkpoint = row.run_checkpoint if own else row.checkpoint
    return _run(claim, changed, row.started_at, checkpoint, counts, continues=own)


def _begin(
    connection: Connection, row: Row[tuple[object, ...]], claim: "Claim", now: datetime
) -> Run:
    # Its worker died and nobody went on: the ledger would not know of it otherwise.
    if row.run_id is not None and row.started_at is not None:
        ledger.record_abandoned(connection, row, now)
    forget_seen(connection, claim)
    # What ended with its parents since the last run belongs to no run but this one.
    counts = Counts(closed=cast("int", row.closed_between))
    fresh = {"started_at": now, "run_checkpoint": null(), "closed_between": 0, **asdict(counts)}
    changed = update_state(connection, key(claim), {**fresh, **_hold(claim, now)})
    return _run(claim, changed, now, row.checkpoint, counts, continues=False)


def _hold(claim: "Claim", now: datetime) -> dict[str, object]:
    return {
        "phase": "running",
        "run_id": claim.run_id,
        "part": claim.part,
        "trigger": claim.trigger,
        "lease_until": now + LEASE,
        "next_due": None,
        # Fences off whoever held the run before: what it writes from now on is refused.
        "version": WORK_STATE.c.version + 1,
    }


def _run(
    claim: "Claim",
    row: Row[tuple[object, ...]],
    started_at: datetime,
    checkpoint: dict[str, object] | None,
    counts: Counts,
    *,
    continues: bool,
) -> Run:
    return Run(
        run_id=claim.run_id,
        tenant_id=claim.tenant_id,
        kind=claim.kind,
        subject=claim.subject,
        part=claim.part,
        trigger=claim.trigger,
        started_at=started_at,
        version=cast("int", row.version),
        checkpoint=checkpoint,
        complete_at=row.complete_at,
        counts=counts,
        continues=continues,
        refused=row.state in REFUSED,
    )
