"""Runs of work: claimed when due, opened by a message, fenced, put off, finished, recorded."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, insert, null, update

from shared.core.act import tell
from shared.core.coverage import State
from shared.core.errors import KanriError, Superseded
from shared.store.session.sessions import operator_session, tenant_session
from shared.store.work import claims, ledger
from shared.store.work.claims import PENDING
from shared.store.work.ledger import LEDGER
from shared.store.work.opening import (
    LEASE,
    Refusal,
    forget_seen,
    key,
    open_run,
    require_held,
    update_state,
)
from shared.store.work.run_records import DatasetStatus, LedgerRow, Run
from shared.store.work.work_state import WORK_STATE

if TYPE_CHECKING:
    from shared.core.messages import Claim
    from shared.core.work import Work

_DETAIL_CHARACTERS = 300


class Runs:
    """Run state and ledger of all work. At most one run per tenant, kind and subject at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim_due(
        self, now: datetime, works: "Iterable[Work[Run, Any]]", limit: int = 500
    ) -> "list[Claim]":
        """Return messages to send for what is due of `works`, which share a queue; mark it pending.

        Tenants take turns. At most `limit` are pending at a time: the queue stays short, and who is
        due next is next. Due is, for an active tenant or the deployment, what its cadence says,
        what was put off until now, and what got lost with its message or worker (nothing heard for
        15 minutes, or since the lease ended). An unfinished run is claimed with its own id.
        """
        with operator_session(self._engine) as connection:
            return claims.claim_due(connection, now, works, limit)

    def request(
        self,
        tenant_id: UUID,
        subjects: Iterable[str],
        now: datetime,
        *,
        kind: str = "collect",
        trigger: Literal["manual", "notification"] = "manual",
    ) -> "list[Claim]":
        """Return messages that work on `subjects` at once; one that is under way has none.

        It is how an event starts work: change notifications will. What a caller asks for over HTTP is
        a job, which `store.work.jobs.Jobs.ask` begins in one transaction with its runs. Under way is what runs, and what a message that is on its way will start. NotFound if the
        tenant is unknown or removed, Conflict if it is paused.
        """
        with tenant_session(self._engine, tenant_id) as connection:
            claimed = claims.request(connection, tenant_id, kind, subjects, now, trigger)
            if claimed:
                tell(after={kind: sorted(claim.subject for claim in claimed)})
            return claimed

    def open(self, claim: "Claim", now: datetime) -> Run | Refusal:
        """Take the run that `claim` names, or say why there is nothing to do.

        `duplicate`: the run has finished. `busy`: another run of the subject is alive. `stale`: the
        run has gone on past this message. `removed`: the tenant is, after this was sent. The same
        message again (its worker died) goes on at once from the saved checkpoint; should that worker
        be alive after all, its writes are refused.
        """
        with tenant_session(self._engine, claim.tenant_id) as connection:
            return open_run(connection, claim, now)

    def unopened(
        self, claim: "Claim", now: datetime, works: "Iterable[Work[Run, Any]]"
    ) -> "list[Claim]":
        """Return what the work of `claim` has decided to send and nobody has opened.

        The worker may have died after the transaction and before it sent; who finds the work done sends
        for him. A second copy of what was sent after all has no second effect.
        """
        with tenant_session(self._engine, claim.tenant_id) as connection:
            return claims.unopened(connection, claim, now, works)

    def keep(self, run: Run, now: datetime) -> None:
        """Prolong the lease of a run that has nothing to write yet; nothing if it is not ours."""
        with tenant_session(self._engine, run.tenant_id) as connection:
            claims.keep(connection, run, now + LEASE)

    def require_held(self, run: Run) -> None:
        """Raise Superseded if the run is not ours: another worker has it, or it was cancelled."""
        with tenant_session(self._engine, run.tenant_id) as connection:
            require_held(connection, run)

    def hand_over(
        self, run: Run, now: datetime, place: Mapping[str, object] | None = None
    ) -> "Claim":
        """End this part of the run; return the message that goes on with it, from `place` if given."""
        from shared.core.messages import Claim

        values = {"phase": "pending", "part": run.part + 1, "pending_until": now + PENDING}
        if place is not None:
            values["run_checkpoint"] = dict(place)
        with tenant_session(self._engine, run.tenant_id) as connection:
            _advance(connection, run, values)
        following = {**key(run), "run_id": run.run_id, "part": run.part + 1}
        return Claim.model_validate({**following, "trigger": run.trigger})

    def defer(self, run: Run, until: datetime, cause: KanriError | str) -> None:
        """Put the run off: `claim_due` goes on with it after `until`."""
        # The run keeps its id and place: due again it goes on, it does not begin.
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
        place: Mapping[str, object] | None = None,
        window: tuple[datetime, datetime] | None = None,
        final_until: datetime | None = None,
        go_on: bool = False,
        healed: int | None = None,
        then: "Iterable[Work[Run, Any]]" = (),
    ) -> "list[Claim]":
        """Write the ledger row, free the subject, and return what had waited for this end.

        The next run starts from `place` (or this one's last checkpoint) if this one was `ok` (or
        `go_on` says so), else where this one did. Without `next_due` the interval decides. What of
        `then` was due but for this dataset is marked pending in the same transaction. Raises Superseded.
        """
        complete_at = now if state == "ok" else None
        values = _idle(run, state, now) | {"next_due": next_due, "cause": _code(cause)}
        values |= _reached(complete_at=complete_at, final_until=final_until)
        left = run.checkpoint if place is None else dict(place)
        if (complete_at is not None or go_on) and left is not None:
            values["checkpoint"] = left
        told = {"cause": _code(cause), "cause_detail": _detail(cause, detail), "healed": healed}
        with tenant_session(self._engine, run.tenant_id) as connection:
            row = _advance(connection, run, values)
            # From then on there is something to answer with: no instant before it can be asked about.
            if state in ("ok", "partial") and row.first_collected_at is None:
                update_state(connection, key(run), {"first_collected_at": now})
            record = ledger.record(row, run, state, now, complete_at, window)
            connection.execute(insert(LEDGER), record | told)
            forget_seen(connection, run)
            # Work waits for datasets (`After`), so for the ends of collections alone.
            waiting = run.kind == "collect" and then
            return claims.claim_after(connection, run, now, then) if waiting else []

    def make_due(self, tenant_id: UUID, subjects: Iterable[str], now: datetime) -> None:
        """Let the schedule begin collections at once that are not under way."""
        idle = WORK_STATE.c.subject.in_(list(subjects)) & (WORK_STATE.c.phase == "idle")
        change = update(WORK_STATE).filter_by(tenant_id=tenant_id, kind="collect").where(idle)
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(change.values(next_due=now))

    def ask_again(
        self,
        tenant_id: UUID,
        states: Collection[State],
        now: datetime,
        subjects: Collection[str] | None = None,
    ) -> None:
        """Let the schedule begin at once what ended last in one of `states`; of `subjects`, if given."""
        ended = (WORK_STATE.c.phase == "idle") & WORK_STATE.c.state.in_(states)
        if subjects is not None:
            ended &= WORK_STATE.c.subject.in_(subjects)
        change = update(WORK_STATE).filter_by(tenant_id=tenant_id, kind="collect").where(ended)
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(change.values(next_due=now))

    def ledger(
        self,
        tenant_id: UUID,
        subject: str | None = None,
        limit: int = 50,
        before: tuple[datetime, UUID] | None = None,
        *,
        kind: str = "collect",
    ) -> list[LedgerRow]:
        """Return finished runs, newest first, from after `before` on (when it ended, run id)."""
        with tenant_session(self._engine, tenant_id) as connection:
            return ledger.newest(connection, tenant_id, kind, subject, limit, before)

    def status(self, tenant_id: UUID, now: datetime) -> list[DatasetStatus]:
        """Return one line per dataset that was ever claimed, by dataset id."""
        with tenant_session(self._engine, tenant_id) as connection:
            return ledger.status(connection, tenant_id, now)


def _idle(run: Run, state: State, now: datetime) -> dict[str, object]:
    """Return the state of a subject whose run has ended."""
    return {
        "phase": "idle",
        "run_id": None,
        "started_at": None,
        "run_checkpoint": null(),
        "state": state,
        "last_started_at": run.started_at,
        "finished_at": now,
    }


def _reached(**instants: datetime | None) -> dict[str, object]:
    """Return what the run has got to. What it has not is left as an earlier one left it."""
    return {name: at for name, at in instants.items() if at is not None}


def _advance(
    connection: Connection, run: Run, values: Mapping[str, object]
) -> Row[tuple[object, ...]]:
    """Write the state of a run that is still ours; Superseded if it is not."""
    # The fence: the version moves whenever the run is opened or written, so a worker that was thought
    # dead names one that is past, and finds no row.
    change = (
        update(WORK_STATE)
        .filter_by(**key(run))
        .where(WORK_STATE.c.run_id == run.run_id, WORK_STATE.c.version == run.version)
        .values(version=WORK_STATE.c.version + 1, lease_until=None, **values)
        .returning(WORK_STATE)
    )
    row = connection.execute(change).first()
    if row is None:
        raise Superseded("run_superseded", run=str(run.run_id))
    return row


def _code(cause: KanriError | str | None) -> str | None:
    return cause.code if isinstance(cause, KanriError) else cause


def _detail(cause: KanriError | str | None, detail: str | None) -> str | None:
    if detail is None and isinstance(cause, KanriError):
        detail = cause.message()
    return detail if detail is None else detail[:_DETAIL_CHARACTERS]
