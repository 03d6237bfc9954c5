"""Runs of collectors: claimed when due, opened by a message, fenced, put off, finished, recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Literal, Protocol, cast
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, delete, insert, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.core.coverage import State, TenantState
from shared.core.errors import KanriError, Superseded
from shared.store.schema.control_tables import COUNTS, DATASET_STATE, LEDGER, SEEN_PAGES, TENANTS
from shared.store.session.sessions import operator_session, tenant_session
from shared.store.work import claims, ledger
from shared.store.work.run_records import Claim, Counts, DatasetStatus, LedgerRow, Run

LEASE = timedelta(minutes=2)

# Longer than a message can lie in a queue that is being worked off, shorter than anyone's patience.
PENDING = timedelta(minutes=15)
_DETAIL_CHARACTERS = 300

type Refusal = Literal["duplicate", "busy", "paused", "removed", "unknown_tenant", "stale"]


class RunMessage(Protocol):
    """The part of a collect message that names a run (core.messages.CollectMessage fits)."""

    @property
    def tenant_id(self) -> UUID: ...
    @property
    def dataset(self) -> str: ...
    @property
    def run_id(self) -> UUID: ...
    @property
    def part(self) -> int: ...
    @property
    def trigger(self) -> str: ...


class Runs:
    """Run state and ledger of all tenants. At most one run per tenant and dataset at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim_due(
        self, now: datetime, every: Mapping[str, timedelta], limit: int = 500
    ) -> list[Claim]:
        """Return messages to send for what is due, tenants by turns, and mark it pending.

        At most `limit` are pending at a time: the queue stays short, and who is due next is next.

        Due is an active tenant's dataset that never ran, whose last start is older than `every`
        says, whose put-off time has passed, or whose message or worker got lost (nothing heard for
        15 minutes, or since the lease ended). An unfinished run is claimed with its own id.
        """
        with operator_session(self._engine) as connection:
            return claims.claim_due(connection, now, every, limit, pending=PENDING)

    def request(self, tenant_id: UUID, datasets: Iterable[str], now: datetime) -> list[Claim]:
        """Return messages that collect `datasets` at once; one that is under way has none.

        Under way is what runs, and what a message that is on its way will start. NotFound if the tenant is unknown or removed, Conflict if it is paused.
        """
        with tenant_session(self._engine, tenant_id) as connection:
            return claims.request(connection, tenant_id, datasets, now, pending=PENDING)

    def open(self, message: RunMessage, now: datetime) -> Run | Refusal:
        """Take the run that `message` names, or say why there is nothing to do.

        `duplicate`: the run has finished. `busy`: another run of the dataset is alive. `stale`: the
        run has gone on past this message. `removed`: the tenant is, after this was sent. The same message again (its worker died) goes on at once
        from the saved checkpoint; should that worker be alive after all, its writes are refused.
        """
        tenant_id = message.tenant_id
        with tenant_session(self._engine, tenant_id) as connection:
            refusal = _tenant_refusal(connection, tenant_id)
            if refusal is not None:
                return refusal
            row = _locked_state(connection, tenant_id, message.dataset)
            refusal = _run_refusal(connection, row, message, now)
            if refusal is not None:
                return refusal
            if row.run_id == message.run_id and row.started_at is not None:
                return _resume(connection, row, message, now)
            return _begin(connection, row, message, now)

    def keep(self, run: Run, now: datetime) -> None:
        """Prolong the lease of a run that has nothing to write yet; nothing if it is not ours."""
        with tenant_session(self._engine, run.tenant_id) as connection:
            claims.keep(connection, run, now + LEASE)

    def hand_over(self, run: Run, now: datetime) -> Claim:
        """End this part of the run; return the message that goes on with it."""
        values = {"phase": "pending", "part": run.part + 1, "pending_until": now + PENDING}
        with tenant_session(self._engine, run.tenant_id) as connection:
            _advance(connection, run, values)
        return Claim(run.tenant_id, run.dataset, run.run_id, run.part + 1, run.trigger)

    def defer(self, run: Run, until: datetime, cause: KanriError | str) -> None:
        """Put the run off: `claim_due` goes on with it after `until`."""
        values = {"phase": "deferred", "next_due": until, "cause": _code(cause)}
        with tenant_session(self._engine, run.tenant_id) as connection:
            _advance(connection, run, values)

    def finish(
        self,
        run: Run,
        state: State,
        *,
        now: datetime,
        cause: KanriError | str | None = None,
        detail: str | None = None,
        next_due: datetime | None = None,
        window: tuple[datetime, datetime] | None = None,
        final_until: datetime | None = None,
        go_on: bool = False,
        healed: int | None = None,
    ) -> None:
        """Write the ledger row and free the dataset.

        The next run starts from this one's last checkpoint if this one was `ok` (or `go_on` says
        so), else where this one did. Without `next_due` the schedule decides. Raises Superseded if another worker went
        on with the run.
        """
        complete_at = now if state == "ok" else None
        values = _idle(run, state, now) | {"next_due": next_due, "cause": _code(cause)}
        if complete_at is not None:
            values["complete_at"] = complete_at
        if final_until is not None:
            values["final_until"] = final_until
        if (complete_at is not None or go_on) and run.checkpoint is not None:
            values["checkpoint"] = run.checkpoint
        with tenant_session(self._engine, run.tenant_id) as connection:
            row = _advance(connection, run, values)
            if state in ("ok", "partial") and row.first_collected_at is None:
                _update_state(connection, run.tenant_id, run.dataset, {"first_collected_at": now})
            record = ledger.record(row, run, state, now, complete_at, window)
            record |= {"cause": _code(cause), "cause_detail": _detail(cause, detail)}
            record["healed"] = healed
            connection.execute(insert(LEDGER), record)
            _forget_seen(connection, run)

    def ledger(
        self,
        tenant_id: UUID,
        dataset: str | None = None,
        limit: int = 50,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[LedgerRow]:
        """Return finished runs, newest first, from after `before` on (when it ended, run id)."""
        with tenant_session(self._engine, tenant_id) as connection:
            return ledger.newest(connection, tenant_id, dataset, limit, before)

    def status(self, tenant_id: UUID, now: datetime) -> list[DatasetStatus]:
        """Return one line per dataset that was ever claimed, by dataset id."""
        with tenant_session(self._engine, tenant_id) as connection:
            return ledger.status(connection, tenant_id, now)


def _tenant_refusal(connection: Connection, tenant_id: UUID) -> Refusal | None:
    # Held until the run is open: else a purge in between would find no run to fence off.
    query = select(TENANTS.c.state).filter_by(tenant_id=tenant_id).with_for_update(read=True)
    state = cast("TenantState | None", connection.execute(query).scalar_one_or_none())
    if state is None:
        return "unknown_tenant"
    return None if state == "active" else state


def _locked_state(connection: Connection, tenant_id: UUID, dataset: str) -> Row[tuple[object, ...]]:
    key = {"tenant_id": tenant_id, "dataset": dataset}
    connection.execute(upsert(DATASET_STATE).values(key).on_conflict_do_nothing())
    query = select(DATASET_STATE).filter_by(**key).with_for_update()
    return connection.execute(query).one()


def _run_refusal(
    connection: Connection, row: Row[tuple[object, ...]], message: RunMessage, now: datetime
) -> Refusal | None:
    if row.run_id == message.run_id:
        return "stale" if message.part < row.part else None
    finished = select(LEDGER.c.run_id).filter_by(tenant_id=message.tenant_id, run_id=message.run_id)
    if connection.execute(finished).first() is not None:
        return "duplicate"
    alive = row.phase == "running" and row.lease_until > now
    return "busy" if alive else None


def _resume(
    connection: Connection, row: Row[tuple[object, ...]], message: RunMessage, now: datetime
) -> Run:
    changed = _update_state(connection, message.tenant_id, message.dataset, _hold(message, now))
    own = row.run_checkpoint is not None
    counts = Counts(*(getattr(row, name) for name in COUNTS))
    checkpoint = row.run_checkpoint if own else row.checkpoint
    return _run(message, changed, row.started_at, checkpoint, counts, continues=own)


def _begin(
    connection: Connection, row: Row[tuple[object, ...]], message: RunMessage, now: datetime
) -> Run:
    if row.run_id is not None and row.started_at is not None:
        ledger.record_abandoned(connection, row, now)
    connection.execute(
        delete(SEEN_PAGES).filter_by(tenant_id=message.tenant_id, dataset=message.dataset)
    )
    counts = Counts(closed=cast("int", row.closed_between))
    fresh = {"started_at": now, "run_checkpoint": null(), "closed_between": 0, **asdict(counts)}
    values = {**fresh, **_hold(message, now)}
    changed = _update_state(connection, message.tenant_id, message.dataset, values)
    return _run(message, changed, now, row.checkpoint, counts, continues=False)


def _hold(message: RunMessage, now: datetime) -> dict[str, object]:
    return {
        "phase": "running",
        "run_id": message.run_id,
        "part": message.part,
        "trigger": message.trigger,
        "lease_until": now + LEASE,
        "next_due": None,
        "version": DATASET_STATE.c.version + 1,
    }


def _idle(run: Run, state: State, now: datetime) -> dict[str, object]:
    """Return the state of a dataset whose run has ended."""
    return {
        "phase": "idle",
        "run_id": None,
        "started_at": None,
        "run_checkpoint": null(),
        "state": state,
        "last_started_at": run.started_at,
        "finished_at": now,
    }


def _run(
    message: RunMessage,
    row: Row[tuple[object, ...]],
    started_at: datetime,
    checkpoint: dict[str, object] | None,
    counts: Counts,
    *,
    continues: bool,
) -> Run:
    return Run(
        run_id=message.run_id,
        tenant_id=message.tenant_id,
        dataset=message.dataset,
        part=message.part,
        trigger=message.trigger,
        started_at=started_at,
        version=cast("int", row.version),
        checkpoint=checkpoint,
        complete_at=row.complete_at,
        counts=counts,
        continues=continues,
    )


def _update_state(
    connection: Connection, tenant_id: UUID, dataset: str, values: Mapping[str, object]
) -> Row[tuple[object, ...]]:
    change = update(DATASET_STATE).filter_by(tenant_id=tenant_id, dataset=dataset)
    return connection.execute(change.values(**values).returning(DATASET_STATE)).one()


def _advance(
    connection: Connection, run: Run, values: Mapping[str, object]
) -> Row[tuple[object, ...]]:
    """Write the state of a run that is still ours; Superseded if it is not."""
    change = (
        update(DATASET_STATE)
        .filter_by(tenant_id=run.tenant_id, dataset=run.dataset)
        .where(DATASET_STATE.c.run_id == run.run_id, DATASET_STATE.c.version == run.version)
        .values(version=DATASET_STATE.c.version + 1, lease_until=None, **values)
        .returning(DATASET_STATE)
    )
    row = connection.execute(change).first()
    if row is None:
        raise Superseded("run_superseded", run=str(run.run_id))
    return row


def _forget_seen(connection: Connection, run: Run) -> None:
    connection.execute(delete(SEEN_PAGES).filter_by(tenant_id=run.tenant_id, dataset=run.dataset))


def _code(cause: KanriError | str | None) -> str | None:
    return cause.code if isinstance(cause, KanriError) else cause


def _detail(cause: KanriError | str | None, detail: str | None) -> str | None:
    if detail is None and isinstance(cause, KanriError):
        detail = cause.message()
    return detail if detail is None else detail[:_DETAIL_CHARACTERS]
