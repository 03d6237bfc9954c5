"""Looks after the database: finds what is wrong with it, and does what it may about that, within limits.

The checks only look (`shared.core.database_check`). What helps and hurts nobody is done here: VACUUM
(ANALYZE) and ANALYZE, never VACUUM FULL, of few tables, for a short time, not while the database is
busy, waiting for no lock. All else is told to the operator. The engine of work sees to it that one run
at a time does this, whatever the number of instances.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.core import clock
from shared.core.database_check import SEVERITIES, Finding, Remedy
from shared.core.logs import log
from shared.core.telemetry import Metric
from shared.core.work import At, Cadence, Ended, Work
from shared.store.optimization.looking import look
from shared.store.optimization.records import CheckSeen, Tended
from shared.store.optimization.runs import OptimizationRuns
from shared.store.optimization.tending import Tending
from shared.store.work.run_records import Run
from shared.usecases.doors import WorkDoors

KIND, SUBJECT, ACT = "optimize_database", "database", "database.optimize"
KEPT_FOR = timedelta(days=100)

FINDINGS = Metric(
    name="kanri.database.findings",
    kind="counter",
    unit="{finding}",
    description="What a run of optimising the database found, by check and severity.",
    dimensions=("check", "severity"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a run may do: at most `tables`, for `seconds` together, and for none as much as all.

    Nothing while `active` of our own statements are running, or the share `connections` of the
    server's connections is in use.
    """

    tables: int = 20
    seconds: float = 300.0
    active: int = 8
    connections: float = 0.8


def optimize_database(run: Run, doors: WorkDoors, limits: Limits = Limits()) -> list[Tended]:
    """Look, do what may be done, and store both; return what was done. Safe to repeat.

    Raises StoreUnavailable, and Superseded if another worker has the run.
    """
    ends = time.monotonic() + min(limits.seconds, doors.slice_seconds)
    runs, now = OptimizationRuns(doors.engine), clock.now()
    seen = look(doors.engine, now, runs.earlier(now, run.run_id))
    tending, done = Tending(doors.engine, seen.server), []
    for number, (table, remedy) in enumerate(wanted(seen.checks).items()):
        doors.runs.require_held(run)
        left = ends - time.monotonic()
        if number >= limits.tables or left <= 0:
            done.append(Tended(table=table, remedy=remedy, outcome="over_limit"))
        elif tending.is_busy(limits.active, limits.connections):
            done.append(Tended(table=table, remedy=remedy, outcome="busy"))
        else:
            done.append(tending.tend(table, remedy, left))
    doors.runs.require_held(run)
    runs.store(run.run_id, seen, done, clock.now())
    runs.forget(now - KEPT_FOR)
    _tell(seen.checks, done)
    return done


def wanted(checks: Iterable[CheckSeen]) -> Mapping[str, Remedy]:
    """Return which table wants what, the worst first. VACUUM analyses too."""
    found = sorted(
        _with_remedy(checks), key=lambda one: SEVERITIES.index(one.severity), reverse=True
    )
    remedies: dict[str, Remedy] = {}
    for finding in found:
        if finding.remedy is not None and remedies.get(finding.object) != "vacuum":
            remedies[finding.object] = finding.remedy
    return remedies


def _with_remedy(checks: Iterable[CheckSeen]) -> Iterator[Finding]:
    for seen in checks:
        yield from (finding for finding in seen.findings if finding.remedy is not None)


def _tell(checks: Iterable[CheckSeen], done: Iterable[Tended]) -> None:
    for seen in checks:
        for severity in SEVERITIES:
            found = sum(finding.severity == severity for finding in seen.findings)
            if found:
                FINDINGS.emit(found, check=seen.check, severity=severity)
    log("database_optimised", tended={one.table: one.outcome for one in done})


async def _run(run: Run, doors: WorkDoors) -> Ended:
    await asyncio.to_thread(optimize_database, run, doors)
    return Ended(state="ok")


def _schedule() -> Mapping[str, Cadence]:
    return {SUBJECT: At("40 4 * * *")}


WORK = Work(run=_run, schedule=_schedule, of_tenant=False, changes=ACT)
