"""The runs of optimising the database: the last one is what is told, earlier ones are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, Table, Uuid, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core.database_check import Measured
from shared.core.work import DEPLOYMENT
from shared.store.optimization.records import (
    Look,
    OptimizationRun,
    StoredCheck,
    StoredFinding,
    Tended,
)
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session
from shared.store.work.work_state import WORK_STATE

# Names of tables and numbers; no value of any row.
OPTIMIZATION_RUNS = Table(
    "optimization_runs",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT, nullable=False),
    Column("server", Integer, nullable=False),
    Column("counting_since", INSTANT),
    Column("commits", BigInteger, nullable=False),
    Column("checks", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("work", JSONB, nullable=False),
    Column("measures", JSONB, nullable=False),
    Index("optimization_runs_newest", "started_at"),
)


@dataclass(frozen=True, slots=True)
class EarlierLook:
    """What an earlier look measured, by check, and how many commits the server had counted."""

    at: datetime
    commits: int
    measures: Mapping[str, Mapping[str, float]]

    def of(self, check: str) -> Measured:
        """Return what a check measured."""
        return Measured(at=self.at, measures=self.measures.get(check, {}))


class Standing(NamedTuple):
    """Whether a run is under way or on its way, and when the next is due if that is known."""

    under_way: bool
    next_due: datetime | None


class OptimizationRuns:
    """What was seen and done, run by run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def store(
        self, run_id: UUID, look: Look, work: Sequence[Tended], finished_at: datetime
    ) -> None:
        """Store a run; in the place of what an earlier try of the same run has stored."""
        values: dict[str, Any] = {
            "started_at": look.at,
            "finished_at": finished_at,
            "server": look.server,
            "counting_since": look.since,
            "commits": look.commits,
            "checks": [
                {
                    "check": seen.check,
                    "unknown": seen.unknown,
                    "found": len(seen.findings),
                    "figures": dict(seen.figures),
                }
                for seen in look.checks
            ],
            "findings": [
                {"check": seen.check, **asdict(finding)}
                for seen in look.checks
                for finding in seen.findings
            ],
            "work": [asdict(one) for one in work],
            "measures": {seen.check: dict(seen.measures) for seen in look.checks if seen.measures},
        }
        row = insert(OPTIMIZATION_RUNS).values(run_id=run_id, **values)
        with operator_session(self._engine) as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["run_id"], set_=values))

    def last(self) -> OptimizationRun | None:
        """Return the newest run; None if there was none."""
        run = OPTIMIZATION_RUNS.c
        with operator_session(self._engine) as connection:
            row = connection.execute(
                select(OPTIMIZATION_RUNS).order_by(run.started_at.desc()).limit(1)
            ).first()
        if row is None:
            return None
        return OptimizationRun(
            run_id=row.run_id,
            started_at=row.started_at,
            finished_at=row.finished_at,
            server=row.server,
            counting_since=row.counting_since,
            checks=[StoredCheck(**one) for one in row.checks],
            findings=[StoredFinding(**one) for one in row.findings],
            work=[Tended(**one) for one in row.work],
        )

    def earlier(self, before: datetime, apart_from: UUID) -> list[EarlierLook]:
        """Return what earlier looks measured, newest first."""
        run = OPTIMIZATION_RUNS.c
        query = select(run.started_at, run.commits, run.measures).order_by(run.started_at.desc())
        query = query.where(run.started_at < before, run.run_id != apart_from)
        with operator_session(self._engine) as connection:
            return [EarlierLook(*row) for row in connection.execute(query)]

    def standing(self, kind: str) -> Standing:
        """Return how the work of that kind stands."""
        state = WORK_STATE.c
        query = select(state.phase, state.next_due).where(
            state.tenant_id == DEPLOYMENT, state.kind == kind
        )
        with operator_session(self._engine) as connection:
            row = connection.execute(query).first()
        return Standing(False, None) if row is None else Standing(row.phase != "idle", row.next_due)

    def forget(self, before: datetime) -> int:
        """Delete the runs of earlier; return how many they were."""
        old = delete(OPTIMIZATION_RUNS).where(OPTIMIZATION_RUNS.c.started_at < before)
        with operator_session(self._engine) as connection:
            return connection.execute(old).rowcount
