"""What one run of optimising the database saw and did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.core.database_check import Facts, Finding, Remedy, Severity, Unit

# `held_back`: done, but most of the dead rows may still be seen by an old transaction. `over_limit`:
# the run had no more tables or time to spend.
type Outcome = Literal[
    "done", "held_back", "busy", "locked", "not_permitted", "over_limit", "timed_out"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSeen:
    """What a check saw; `unknown` is why it could not look."""

    check: str
    unknown: str | None
    figures: Facts
    findings: Sequence[Finding]
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the database. `since` is when its counters began, None if nobody can tell.

    `commits` tell a later look whether they have begun anew.
    """

    at: datetime
    server: int
    since: datetime | None
    commits: int
    checks: Sequence[CheckSeen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What was done about one table, or why not. `before` and `after` count its dead rows."""

    table: str
    remedy: Remedy
    outcome: Outcome
    seconds: float = 0.0
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding as it was stored, with its check."""

    check: str
    severity: Severity
    object: str
    figure: float
    unit: Unit
    facts: Facts
    remedy: Remedy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """How a check ended: what it found by number, or why it is unknown."""

    check: str
    unknown: str | None
    found: int
    figures: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizationRun:
    """One run, as it was stored."""

    run_id: UUID
    started_at: datetime
    finished_at: datetime
    server: int
    counting_since: datetime | None
    checks: Sequence[StoredCheck]
    findings: Sequence[StoredFinding]
    work: Sequence[Tended]
