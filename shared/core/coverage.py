"""How well datasets were read: the states of the ledger and what every answer says about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, field

from shared.core.retention import History, Turn

type TenantState = Literal["active", "paused", "removed"]
type State = Literal["ok", "partial", "failed", "not_licensed", "not_permitted", "throttled", "off"]
# Before anything was read: nobody has collected it yet, or sent its file.
type Unread = Literal["never", "not_imported"]

STATES: tuple[State, ...] = (
    "ok",
    "partial",
    "failed",
    "not_licensed",
    "not_permitted",
    "throttled",
    "off",
)


# How a run ends that Graph refused for want of a licence or a permission.
REFUSED: tuple[State, ...] = ("not_licensed", "not_permitted")


class Coverage(Struct, frozen=True, kw_only=True):
    """What is known about one dataset of one tenant at one instant.

    `state` is the state of the last finished run, `never` when there was none, `not_imported` of what is
    sent as a file; `off` is what costs many requests and is not switched on. `complete_at` is the
    end of the last run that read everything: the age of the data counts from there. `report_date`
    is the newest report refresh date of a measure. Events up to `final_until` were read again when
    Graph no longer adds to them. `cause` is the code of the last run's error. `reading` counts what
    a run that is under way has read so far, None when there is none or the state is ok. What was
    before `kept_since` is kept no longer (None: all is); of the time around the instant only one
    state a day, week or month is (`kept_each`, None: every one). `since` is when the first
    entry was made of what figures are counted from; None for a dataset. `asked_again_at`, of what was
    refused: when the schedule asks for it again. `import_id` is that of the file whose rows the answer is.
    """

    dataset: str
    state: State | Unread
    finished_at: datetime | None = None
    complete_at: datetime | None = None
    report_date: str | None = None
    final_until: datetime | None = None
    rows: int | None = None
    cause: str | None = None
    reading: int | None = None
    kept_since: datetime | None = None
    kept_each: Turn | None = None
    since: datetime | None = None
    asked_again_at: datetime | None = None
    import_id: UUID | None = None


class Idle(Struct, frozen=True):
    """When a dataset that nobody is reading was `begun` last, and is `due` next if that was settled."""

    begun: datetime | None
    due: datetime | None


class Standing(Struct, frozen=True, kw_only=True):
    """How a tenant stands and how well the datasets of one question were read.

    `tenant_state` is None for a tenant that was never added. `coverage` follows the order of the
    datasets asked for. `first_collected_at` is the end of the first run that brought rows of any of
    them. `data_version` changes with every stored change of their rows. `thresholds` are those that
    the tenant has set for itself. `histories` tell of datasets whose past is not whole any more.
    `idle` are the datasets that nobody is reading now; at a past instant there are none.
    `consent_seen_at` is when somebody last looked what is granted.
    """

    tenant_state: TenantState | None
    coverage: tuple[Coverage, ...]
    first_collected_at: datetime | None
    data_version: str
    thresholds: Mapping[str, int] = field(default_factory=dict)
    histories: Mapping[str, History] = field(default_factory=dict)
    idle: Mapping[str, Idle] = field(default_factory=dict)
    consent_seen_at: datetime | None = None
