"""What the store says about jobs: what was asked for, and how its runs are getting on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.core.coverage import State
from shared.core.work import DEPLOYMENT
from shared.store.work.run_records import Counts

type Standing = Literal["waiting", "running"] | State
type JobState = Literal["waiting", "running", "succeeded", "partial", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job: `waiting`, `running`, or the state that the ledger says it ended with.

    `own` is one that was begun for the job. `cause` is why it ended so, or waits.
    """

    kind: str
    subject: str
    run_id: UUID
    own: bool
    standing: Standing
    counts: Counts
    started_at: datetime | None
    finished_at: datetime | None
    cause: str | None
    cause_detail: str | None

    @property
    def ended(self) -> bool:
        """Whether it is over, however it went."""
        return self.standing not in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """What a caller asked for; `tenant_id` is that of the work, DEPLOYMENT for none."""

    job_id: UUID
    tenant_id: UUID
    act: str
    asked_by: str
    asked_at: datetime
    cancelled_at: datetime | None
    runs: tuple[JobRun, ...]

    @property
    def about(self) -> tuple[UUID] | None:
        """The tenants that it is about; None for what concerns every one."""
        return None if self.tenant_id == DEPLOYMENT else (self.tenant_id,)

    @property
    def state(self) -> JobState:
        """Follows from the runs: `partial` if some did what was asked and others did not.

        Of one that was cancelled, runs go on that others had begun."""
        if self.cancelled_at is not None:
            return "cancelled"
        if not all(run.ended for run in self.runs):
            begun = any(run.standing != "waiting" for run in self.runs)
            return "running" if begun else "waiting"
        if all(run.standing == "ok" for run in self.runs):
            return "succeeded"
        some = any(run.standing in ("ok", "partial") for run in self.runs)
        return "partial" if some else "failed"

    @property
    def finished_at(self) -> datetime | None:
        """When its last run ended, or it was cancelled; None while one is under way."""
        if self.cancelled_at is not None:
            return self.cancelled_at
        if not all(run.ended for run in self.runs):
            return None
        return max((run.finished_at or self.asked_at for run in self.runs), default=self.asked_at)

    @property
    def counts(self) -> Counts:
        """What became of the rows that its runs have read so far."""
        return sum((run.counts for run in self.runs), Counts())

    @property
    def trouble(self) -> JobRun | None:
        """The first run that ended and did not do what was asked."""
        return next((run for run in self.runs if run.ended and run.standing != "ok"), None)
