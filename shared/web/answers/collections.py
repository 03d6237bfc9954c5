"""Collecting: runs that were started, where each dataset stands, runs that have ended."""

from datetime import datetime
from uuid import UUID

from shared.core.coverage import State
from shared.web.answers.answer import Answer


class StartedRun(Answer):
    dataset: str
    run_id: UUID


class StartedRuns(Answer):
    runs: list[StartedRun]


class CountsAnswer(Answer):
    """What became of the rows read."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    closed: int
    rejected: int


class DatasetStanding(Answer):
    """Where one dataset stands; `state` is null before its first run has ended, `progress` counts
    the run that is under way."""

    dataset: str
    state: State | None = None
    running: bool = False
    pending: bool = False
    rows: int = 0
    finished_at: datetime | None = None
    complete_at: datetime | None = None
    next_due: datetime | None = None
    progress: CountsAnswer | None = None
    cause: str | None = None


class CollectionStatus(Answer):
    datasets: list[DatasetStanding]


class FinishedRun(Answer):
    """One ledger row. `completeAt` is set if everything was read; `cause` is an error code.

    Events up to `finalUntil` will not be read again. `healed` counts what a full round of a delta
    dataset had to change although the changes had been read just before; null if it was no such
    round."""

    run_id: UUID
    dataset: str
    trigger: str
    state: State
    started_at: datetime
    finished_at: datetime
    complete_at: datetime | None
    parts: int
    counts: CountsAnswer
    rows: int
    report_date: str | None
    window_from: datetime | None
    window_to: datetime | None
    final_until: datetime | None
    healed: int | None
    cause: str | None
    cause_detail: str | None


class Ledger(Answer):
    runs: list[FinishedRun]
    cursor: str | None = None
