"""Findings about the database in JSON, in the caller's language."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.core.database_check import CHECKS, SEVERITIES, Remedy, Severity, Unit
from shared.core.registry import of
from shared.core.text import Lang, text
from shared.core.wire import Instant
from shared.store.optimization.records import OptimizationRun, Outcome
from shared.web.shapes import Answer

_NEVER = "never_looked"


class OptimizationRunAnswer(Answer):
    """The last run. Every number of this answer is `ageSeconds` old.

    `countingSince` is since when the server's counters are known to count; null if nobody can tell.
    """

    run_id: UUID
    started_at: Instant
    finished_at: Instant
    age_seconds: int
    server_version: int
    counting_since: Instant | None


class DatabaseCheckAnswer(Answer):
    """What one check saw: `clear`, `found` so many, or `unknown` with the cause in words.

    `figures` are its headline numbers. `found` is null where nobody knows.
    """

    check: str
    title: str
    state: Literal["clear", "found", "unknown"]
    found: int | None
    cause: str | None
    figures: dict[str, str | int | float]


class DatabaseFindingAnswer(Answer):
    """One finding, the worst first. `figure` in `unit` tells how bad it is, `why` what that means.

    `done` is what Kanri itself did about it; null where it does nothing but tell.
    """

    check: str
    severity: Severity
    object: str
    figure: float
    unit: Unit
    facts: dict[str, str | int | float]
    why: str
    helps: str
    done: Outcome | None


class DatabaseWorkAnswer(Answer):
    """What was done about one table, or why not. Dead rows before and after; null if not looked at."""

    table: str
    remedy: Remedy
    outcome: Outcome
    words: str
    seconds: float
    dead_before: int | None
    dead_after: int | None


class OptimizationAnswer(Answer):
    """What the last run found and did; `run` is null before the first, and every check unknown."""

    run: OptimizationRunAnswer | None
    under_way: bool
    next_due: Instant | None
    checks: list[DatabaseCheckAnswer]
    findings: list[DatabaseFindingAnswer]
    work: list[DatabaseWorkAnswer]


class StartedOptimization(Answer):
    """The job that was asked for, and what it looks at."""

    job_id: UUID
    checks: list[str]


def run_answer(run: OptimizationRun, now: datetime) -> OptimizationRunAnswer:
    """Return a run of the store as an answer."""
    return OptimizationRunAnswer(
        run_id=run.run_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        age_seconds=max(0, round((now - run.started_at).total_seconds())),
        server_version=run.server,
        counting_since=run.counting_since,
    )


def check_answers(run: OptimizationRun | None, lang: Lang) -> list[DatabaseCheckAnswer]:
    """Return how each check ended; one that is new since the last run has never looked."""
    seen = {one.check: one for one in run.checks} if run else {}
    answers = []
    for name, check in of(CHECKS).items():
        one = seen.get(name)
        unknown = _NEVER if one is None else one.unknown
        known = one is not None and unknown is None
        found = one.found if one is not None and known else None
        answers.append(
            DatabaseCheckAnswer(
                check=name,
                title=check.title.of(lang),
                state="unknown" if found is None else "found" if found else "clear",
                found=found,
                cause=None if unknown is None else check.reason(unknown, lang),
                figures=dict(one.figures) if one else {},
            )
        )
    return answers


def finding_answers(
    run: OptimizationRun | None, severities: Collection[str], lang: Lang
) -> list[DatabaseFindingAnswer]:
    """Return the findings of these severities, the worst first; of checks that there still are."""
    if run is None:
        return []
    done = {one.table: one.outcome for one in run.work}
    found = [one for one in run.findings if one.severity in severities and one.check in of(CHECKS)]
    found.sort(key=lambda one: SEVERITIES.index(one.severity), reverse=True)
    return [
        DatabaseFindingAnswer(
            check=one.check,
            severity=one.severity,
            object=one.object,
            figure=one.figure,
            unit=one.unit,
            facts=dict(one.facts),
            why=(check := of(CHECKS)[one.check]).told(check.why, lang, one.object, one.facts),
            helps=check.told(check.helps, lang, one.object, one.facts),
            done=done.get(one.object) if one.remedy is not None else None,
        )
        for one in found
    ]


def work_answers(run: OptimizationRun | None, lang: Lang) -> list[DatabaseWorkAnswer]:
    """Return what was done about each table."""
    return [
        DatabaseWorkAnswer(
            table=one.table,
            remedy=one.remedy,
            outcome=one.outcome,
            words=text(f"database_work.{one.outcome}", lang),
            seconds=one.seconds,
            dead_before=one.before,
            dead_after=one.after,
        )
        for one in (run.work if run else ())
    ]
