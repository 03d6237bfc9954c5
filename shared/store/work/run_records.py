"""What the store says about runs: runs, counts, ledger rows, the state of a dataset."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from shared.core.coverage import State


class Counts(Struct, frozen=True):
    """What became of the rows read: read = inserted + updated + unchanged + rejected.

    An id that came twice in one page counts as unchanged once. `closed` versions ended without a
    successor: the object was removed.
    """

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    closed: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True))
        )

    @property
    def changed(self) -> bool:
        """Whether any row was written."""
        return bool(self.inserted or self.updated or self.closed)


class Run(Struct):
    """A run that this worker holds. The store moves `version`, `checkpoint` and `counts` on with
    what it has written; a worker sets none of them, it returns where to go on.

    `checkpoint` is this run's if it continues (`continues`), else what the last run left. A held
    run is lost two minutes after its last write; whoever opens it next gets a higher `version`, and
    writes with the older one are refused. `refused`: the last run ended so. `untouched`: when it was last
    held, no version of the dataset had ever ended, be it by this run. `careful`: this worker looks
    each object up, as one was stored already or could not be.
    """

    run_id: UUID
    tenant_id: UUID
    kind: str
    subject: str
    part: int
    trigger: str
    started_at: datetime
    version: int
    checkpoint: dict[str, object] | None
    complete_at: datetime | None
    counts: Counts
    continues: bool = False
    untouched: bool = False
    careful: bool = False
    refused: bool = False

    @property
    def dataset(self) -> str:
        """What collecting calls its subject."""
        return self.subject


class LedgerRow(Struct, frozen=True):
    """One finished run. `rows` is the dataset's size after it, `complete_at` set if all was read.

    Events up to `final_until` are not read again. `healed` counts the changes that a full round
    made after the delta round had ended: what delta had missed; None if there was no such round.
    """

    run_id: UUID
    tenant_id: UUID
    dataset: str
    trigger: str
    state: State
    started_at: datetime
    finished_at: datetime
    complete_at: datetime | None
    parts: int
    counts: Counts
    rows: int
    report_date: str | None
    window_from: datetime | None
    window_to: datetime | None
    final_until: datetime | None
    healed: int | None
    cause: str | None
    cause_detail: str | None


class DatasetStatus(Struct, frozen=True):
    """Where one dataset of one tenant stands.

    `state` is that of the last finished run, `throttled` while a run is put off, None before the
    first. `pending` means a message is on its way. `progress` counts the run that is under way.
    """

    dataset: str
    state: State | None
    running: bool
    pending: bool
    rows: int
    finished_at: datetime | None
    complete_at: datetime | None
    next_due: datetime | None
    progress: Counts | None
    cause: str | None
