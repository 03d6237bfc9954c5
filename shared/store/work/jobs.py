"""Jobs: a view on the runs of work that a caller has asked for, with no queue or state of its own.

Where each run stands is what the engine of work says: its line in `work_state` while it is under way,
its row in the ledger when it has ended.
"""
# ruff: noqa: S608  (statements share constant fragments; values are parameters)

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from shared.core.act import tell
from shared.core.errors import NotFound
from shared.store.session.sessions import operator_session, tenant_session
from shared.store.work import claims
from shared.store.work.cancelling import cancel_run
from shared.store.work.job_records import Job, JobRun, Standing
from shared.store.work.job_tables import JOB_RUNS, JOBS
from shared.store.work.run_records import Counts
from shared.store.work.work_state import COUNTS, WORK_STATE

if TYPE_CHECKING:
    from shared.core.messages import Claim

# Until a run has begun its line still tells of the last one.
_BEGUN = "CASE WHEN s.started_at IS NOT NULL THEN s.{name} END"
_COUNTED = ", ".join(
    f"coalesce(l.{name}, {_BEGUN.format(name=name)}, 0) AS {name}" for name in COUNTS
)
_RUNS = text(f"""
    SELECT r.job_id, r.kind, r.subject, r.run_id, r.own,
        CASE
            WHEN l.run_id IS NOT NULL THEN 'ended'
            WHEN s.phase = 'running' THEN 'running'
            WHEN s.run_id IS NOT NULL THEN 'waiting'
            ELSE 'ended'
        END AS standing,
        coalesce(l.state, 'failed') AS state,
        CASE
            WHEN l.run_id IS NULL AND s.run_id IS NULL THEN 'run_abandoned'
            WHEN l.run_id IS NOT NULL THEN l.cause
            WHEN s.phase = 'deferred' THEN s.cause
        END AS cause,
        l.cause_detail, coalesce(l.started_at, s.started_at) AS started_at, l.finished_at,
        {_COUNTED}
    FROM kanri.job_runs r
    LEFT JOIN kanri.ledger l ON l.tenant_id = r.tenant_id AND l.run_id = r.run_id
    LEFT JOIN kanri.work_state s ON s.tenant_id = r.tenant_id AND s.kind = r.kind
        AND s.subject = r.subject AND s.run_id = r.run_id
    WHERE r.job_id = ANY(:jobs)
    ORDER BY r.kind, r.subject
""").bindparams(bindparam("jobs", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A job that was asked for, and the messages that begin its runs."""

    job: Job
    claims: "list[Claim]"


class Jobs:
    """What callers have asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(
        self,
        tenant_id: UUID,
        kind: str,
        subjects: Iterable[str],
        now: datetime,
        *,
        act: str,
        asked_by: str,
    ) -> Asked:
        """Ask for work on `subjects` of the tenant (or of the deployment) at once.

        What is under way already is not begun again: the job waits for it. NotFound if the tenant
        is unknown or removed, Conflict if it is paused.
        """
        wanted = sorted(set(subjects))
        job_id = uuid4()
        job = {
            "tenant_id": tenant_id,
            "job_id": job_id,
            "act": act,
            "asked_by": asked_by,
            "asked_at": now,
        }
        with tenant_session(self._engine, tenant_id) as connection:
            begun = claims.request(connection, tenant_id, kind, wanted, now, "manual")
            own = {claim.subject: claim.run_id for claim in begun}
            others = _under_way(connection, tenant_id, kind, set(wanted) - set(own))
            connection.execute(insert(JOBS).values(job))
            line = {"tenant_id": tenant_id, "job_id": job_id, "kind": kind}
            rows = [
                {**line, "subject": subject, "run_id": run_id, "own": subject in own}
                for subject, run_id in {**own, **others}.items()
            ]
            if rows:
                connection.execute(insert(JOB_RUNS), rows)
            tell(after={"job": job_id, **({kind: sorted(own)} if own else {})})
            [asked] = _with_runs(connection, [_found(connection, job_id)])
        return Asked(asked, begun)

    def get(self, job_id: UUID) -> Job:
        """Return one job; NotFound if there is none."""
        with operator_session(self._engine) as connection:
            [job] = _with_runs(connection, [_found(connection, job_id)])
        return job

    def all(
        self,
        limit: int | None = None,
        before: tuple[datetime, UUID] | None = None,
        *,
        only: Collection[UUID] | None = None,
    ) -> list[Job]:
        """Return the jobs, newest first, from after `before` on; `only` those of some tenants."""
        place = (JOBS.c.asked_at, JOBS.c.job_id)
        query = select(JOBS).order_by(*(column.desc() for column in place)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*place) < before)
        if only is not None:
            query = query.where(JOBS.c.tenant_id.in_(only))
        with operator_session(self._engine) as connection:
            return _with_runs(connection, connection.execute(query).all())

    def cancel(self, job_id: UUID, now: datetime) -> Job:
        """End the runs that were begun for the job and have not ended; what they did stays.

        A worker that is at one writes nothing more. Repeatable; NotFound if there is no such job.
        """
        with operator_session(self._engine) as connection:
            [job] = _with_runs(connection, [_found(connection, job_id)])
            if job.state not in ("waiting", "running"):
                return job
            ended = [
                run.subject
                for run in job.runs
                if run.own and cancel_run(connection, job.tenant_id, run.kind, run.run_id, now)
            ]
            change = update(JOBS).where(JOBS.c.job_id == job_id, JOBS.c.cancelled_at.is_(None))
            connection.execute(change.values(cancelled_at=now))
            tell(target=f"job:{job_id}", after={"ended": ended})
            [job] = _with_runs(connection, [_found(connection, job_id)])
        return job

    def forget(self, asked_before: datetime) -> int:
        """Delete the jobs that were asked for earlier; return how many. The ledger keeps its rows."""
        old = select(JOBS.c.job_id).where(JOBS.c.asked_at < asked_before)
        with operator_session(self._engine) as connection:
            connection.execute(delete(JOB_RUNS).where(JOB_RUNS.c.job_id.in_(old)))
            return connection.execute(delete(JOBS).where(JOBS.c.asked_at < asked_before)).rowcount


def _under_way(
    connection: Connection, tenant_id: UUID, kind: str, subjects: Collection[str]
) -> dict[str, UUID]:
    """Return the runs of `subjects` that have begun, or that a message on its way begins."""
    state = WORK_STATE.c
    query = select(state.subject, state.run_id).where(
        state.tenant_id == tenant_id,
        state.kind == kind,
        state.subject.in_(subjects),
        state.run_id.is_not(None),
    )
    return {row.subject: row.run_id for row in connection.execute(query)}


def _found(connection: Connection, job_id: UUID) -> Row[tuple[object, ...]]:
    row = connection.execute(select(JOBS).where(JOBS.c.job_id == job_id)).first()
    if row is None:
        raise NotFound("job_unknown", parameter="id", value=str(job_id))
    return row


def _with_runs(connection: Connection, jobs: Sequence[Row[tuple[object, ...]]]) -> list[Job]:
    runs: dict[UUID, list[JobRun]] = defaultdict(list)
    for row in connection.execute(_RUNS, {"jobs": [job.job_id for job in jobs]}):
        runs[row.job_id].append(_run(row))
    return [
        Job(
            job_id=job.job_id,
            tenant_id=job.tenant_id,
            act=job.act,
            asked_by=job.asked_by,
            asked_at=job.asked_at,
            cancelled_at=job.cancelled_at,
            runs=tuple(runs[job.job_id]),
        )
        for job in jobs
    ]


def _run(row: Row[tuple[object, ...]]) -> JobRun:
    standing: Standing = row.state if row.standing == "ended" else row.standing
    return JobRun(
        kind=row.kind,
        subject=row.subject,
        run_id=row.run_id,
        own=row.own,
        standing=standing,
        counts=Counts(*(getattr(row, name) for name in COUNTS)),
        started_at=row.started_at,
        finished_at=row.finished_at,
        cause=row.cause,
        cause_detail=row.cause_detail,
    )
