"""Collecting in JSON: what to start and was started, where each dataset stands, runs that ended."""

from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.core.collector import Collector
from shared.core.coverage import State
from shared.core.report import ValueType
from shared.core.text import Lang
from shared.core.wire import DateText, Instant
from shared.web.shapes import Answer, Body, shaped

if TYPE_CHECKING:
    from shared.usecases.estimate_reads import Estimate


class CollectNow(Body):
    """Collect these datasets now; all of them without a list."""

    datasets: Annotated[list[str], Meta(min_length=1, max_length=200)] | None = None


class StartedRun(Answer):
    dataset: str
    run_id: UUID


class RunUnderWay(Answer):
    """A dataset that is being collected, or that a message on its way will collect."""

    dataset: str
    state: Literal["pending", "running"]


class StartedRuns(Answer):
    """What was started, and what already was: asking again starts nothing twice.

    The job `jobId` is done when all of them have ended.
    """

    job_id: UUID
    runs: list[StartedRun]
    under_way: list[RunUnderWay]


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
    finished_at: Instant | None = None
    complete_at: Instant | None = None
    next_due: Instant | None = None
    progress: CountsAnswer | None = None
    cause: str | None = None


class CollectionStatus(Answer):
    datasets: list[DatasetStanding]


class CostAnswer(Answer):
    """What reading all of a dataset once takes: at least so many `requests`, which are so many `units`
    of its service. The service grants them in so many `minutes` if nothing else is read; where the
    dataset has a day's budget of its own, in so many `days` (else null)."""

    requests: int
    units: int
    minutes: float
    days: int | None


class DatasetEstimate(Answer):
    """Whether a dataset is read (`isOn`; of what is not `costly` always, unless what it lies below is
    off), how its last run ended (null: none has), and what it takes.

    `parents` counts the objects below which it is read, null for what is read by itself. `cost` is null
    where it is not known: of events, and while the dataset it `waitsFor` was never read."""

    dataset: str
    title: str
    costly: bool
    is_on: bool
    state: State | None
    parents: int | None
    waits_for: str | None
    cost: CostAnswer | None


class EstimateList(Answer):
    datasets: list[DatasetEstimate]


class FinishedRun(Answer):
    """One ledger row. `completeAt` is set if everything was read; `cause` is an error code.

    Events up to `finalUntil` will not be read again. `healed` counts what a full round of a delta
    dataset had to change although the changes had been read just before; null if it was no such
    round."""

    run_id: UUID
    dataset: str
    trigger: str
    state: State
    started_at: Instant
    finished_at: Instant
    complete_at: Instant | None
    parts: int
    counts: CountsAnswer
    rows: int
    report_date: DateText | None
    window_from: Instant | None
    window_to: Instant | None
    final_until: Instant | None
    healed: int | None
    cause: str | None
    cause_detail: str | None


class Ledger(Answer):
    runs: list[FinishedRun]
    cursor: str | None = None


class DatasetColumn(Answer):
    id: str
    type: ValueType
    personal: bool


class DatasetAnswer(Answer):
    dataset: str
    title: str
    docs: str
    shape: Literal["entity", "event", "measure"]
    every_seconds: int
    costly: bool
    licence: str | None
    permissions: list[str]
    columns: list[DatasetColumn]


class DatasetList(Answer):
    datasets: list[DatasetAnswer]


def dataset_answer(spec: Collector, lang: Lang) -> DatasetAnswer:
    """Return what a collector declares as an answer."""
    return DatasetAnswer(
        dataset=spec.dataset,
        title=spec.title.of(lang),
        docs=spec.docs,
        shape=spec.shape,
        every_seconds=int(spec.every.total_seconds()),
        costly=spec.costly,
        licence=spec.licence,
        permissions=[permission.name for permission in spec.permissions],
        columns=[
            DatasetColumn(id=column.name, type=column.type, personal=column.personal)
            for column in spec.columns
        ],
    )


def estimate_answer(one: "Estimate", lang: Lang) -> DatasetEstimate:
    """Return what is known of the cost of a dataset as an answer."""
    return DatasetEstimate(
        dataset=one.spec.dataset,
        title=one.spec.title.of(lang),
        costly=one.spec.costly,
        is_on=one.is_on,
        state=None if one.status is None else one.status.state,
        parents=one.parents,
        waits_for=one.waits_for,
        cost=None if one.cost is None else shaped(one.cost, CostAnswer),
    )
