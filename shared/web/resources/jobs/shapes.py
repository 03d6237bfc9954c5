"""Jobs in JSON."""

from typing import Any, Literal
from uuid import UUID

from shared.core.coverage import State
from shared.core.wire import Instant
from shared.core.work import DEPLOYMENT
from shared.store.work.job_records import Job, JobRun, JobState
from shared.web.links import link_at
from shared.web.resources.collections.shapes import CountsAnswer
from shared.web.resources.jobs import READ
from shared.web.route import Call
from shared.web.shapes import Answer, shaped


class JobRunAnswer(Answer):
    """One run of the job: `waiting`, `running`, or how it ended, as in the ledger.

    `own` is false for a run that was under way already: the job waits for it and does not cancel it.
    `cause` is an error code.
    """

    kind: str
    subject: str
    run_id: UUID
    own: bool
    state: Literal["waiting", "running"] | State
    counts: CountsAnswer
    started_at: Instant | None
    finished_at: Instant | None
    cause: str | None
    cause_detail: str | None


class JobProgress(Answer):
    """How many of the runs have ended, and what became of the rows that were read so far."""

    runs: int
    ended: int
    counts: CountsAnswer


class JobProblem(Answer):
    """Why the job did not do all that was asked: of the first run that did not, its code and words."""

    subject: str
    code: str
    detail: str | None


class JobAnswer(Answer):
    """A job. `tenantId` is null for what is the deployment's to do, such as purging a tenant.

    `act` is what the audit log calls it. `finishedAt` is null while a run is under way, `problem`
    null unless a run ended otherwise than `ok`.
    """

    job_id: UUID
    act: str
    tenant_id: UUID | None
    state: JobState
    asked_by: str
    asked_at: Instant
    finished_at: Instant | None
    progress: JobProgress
    result: list[JobRunAnswer]
    problem: JobProblem | None


class JobList(Answer):
    jobs: list[JobAnswer]
    cursor: str | None = None


def job_link(job_id: UUID, call: Call[Any]) -> str:
    """Return where a job is followed."""
    return link_at(READ.path.replace("{id}", str(job_id)), call.doors.settings().public_url)


def job_answer(job: Job) -> JobAnswer:
    """Return a job of the store as an answer."""
    trouble = job.trouble
    return JobAnswer(
        job_id=job.job_id,
        act=job.act,
        tenant_id=None if job.tenant_id == DEPLOYMENT else job.tenant_id,
        state=job.state,
        asked_by=job.asked_by,
        asked_at=job.asked_at,
        finished_at=job.finished_at,
        progress=JobProgress(
            runs=len(job.runs),
            ended=sum(run.ended for run in job.runs),
            counts=shaped(job.counts, CountsAnswer),
        ),
        result=[_run_answer(run) for run in job.runs],
        problem=None if trouble is None else _problem(trouble),
    )


def _run_answer(run: JobRun) -> JobRunAnswer:
    return JobRunAnswer(
        kind=run.kind,
        subject=run.subject,
        run_id=run.run_id,
        own=run.own,
        state=run.standing,
        counts=shaped(run.counts, CountsAnswer),
        started_at=run.started_at,
        finished_at=run.finished_at,
        cause=run.cause,
        cause_detail=run.cause_detail,
    )


def _problem(run: JobRun) -> JobProblem:
    return JobProblem(subject=run.subject, code=run.cause or run.standing, detail=run.cause_detail)
