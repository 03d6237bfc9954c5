"""How work of every kind fares, over all tenants: what stands, what ended, what never went well since.

Whoever asks is an operator who wants to know soon: each question has five seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Engine, text

from shared.core.declarations import of
from shared.core.imported import IMPORTS
from shared.core.work import DEPLOYMENT
from shared.store.session.sessions import operator_session

_SOON = text("SET LOCAL statement_timeout = '5s'")

_OF_THE_DEPLOYMENT = """
    SELECT kind, subject, state, cause, finished_at,
        greatest(last_started_at, started_at, pending_until - interval '15 minutes') AS claimed_at
    FROM kanri.work_state WHERE tenant_id = :deployment ORDER BY kind, subject
"""
_COLLECTING = """
    SELECT s.state, s.cause, count(*) AS count, max(s.finished_at) AS newest
    FROM kanri.work_state s JOIN kanri.tenants t USING (tenant_id)
    WHERE s.kind = 'collect' AND t.state = 'active' AND s.finished_at IS NOT NULL
        AND s.subject <> ALL(CAST(:imported AS text[]))
    GROUP BY s.state, s.cause
"""
_STANDING = """
    SELECT s.kind, s.phase, count(*) AS count,
        count(*) FILTER (WHERE s.phase = 'pending' AND s.pending_until < :now
            OR s.phase = 'running' AND s.lease_until < :now) AS overdue
    FROM kanri.work_state s WHERE s.phase <> 'idle' GROUP BY s.kind, s.phase ORDER BY s.kind, s.phase
"""
_NEWEST_START = """
    SELECT max(greatest(started_at, last_started_at)) AS at FROM kanri.work_state
"""
# A tenant's runs of a kind by their end, as the ledger has them in order.
_ENDED = """
    SELECT l.kind, l.state, count(*) AS count, min(l.finished_at) AS oldest, max(l.finished_at) AS newest
    FROM (SELECT tenant_id FROM kanri.tenants UNION ALL SELECT :deployment) AS t,
        unnest(CAST(:kinds AS text[])) AS k (kind),
        LATERAL (SELECT kind, state, finished_at FROM kanri.ledger
            WHERE tenant_id = t.tenant_id AND kind = k.kind AND finished_at > :since) AS l
    GROUP BY l.kind, l.state ORDER BY l.kind, l.state
"""
_UNBROKEN = """
    SELECT s.tenant_id, s.subject, s.state, s.cause, (
        SELECT min(finished_at) FROM kanri.ledger l
        WHERE l.tenant_id = s.tenant_id AND l.kind = s.kind AND l.subject = s.subject
            AND l.state = ANY(CAST(:states AS text[])) AND l.finished_at > coalesce((
                SELECT max(finished_at) FROM kanri.ledger b
                WHERE b.tenant_id = s.tenant_id AND b.kind = s.kind AND b.subject = s.subject
                    AND b.state <> ALL(CAST(:states AS text[]))), '-infinity')
        ) AS since
    FROM kanri.work_state s LEFT JOIN kanri.tenants t USING (tenant_id)
    WHERE s.kind = :kind AND s.state = ANY(CAST(:states AS text[]))
        AND (t.state = 'active' OR s.tenant_id = :deployment)
    ORDER BY since, s.tenant_id, s.subject LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class OwnWork:
    """Work of the deployment: how its last run ended (None: none has), when it was claimed last."""

    kind: str
    subject: str
    state: str | None
    cause: str | None
    finished_at: datetime | None
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Datasets of active tenants whose last run ended so, and the newest such end."""

    state: str
    cause: str | None
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Under:
    """Work under way by kind and phase; `overdue` are messages nobody opened, workers that went silent."""

    kind: str
    phase: str
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class EndedRuns:
    """Runs of a kind that ended in a state, and when the first and the last of them did."""

    kind: str
    state: str
    count: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Unbroken:
    """Work whose runs have all ended in one of some states since an instant."""

    tenant_id: UUID
    subject: str
    state: str
    cause: str | None
    since: datetime


class WorkFigures:
    """Questions about all work; each may raise StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_the_deployment(self) -> list[OwnWork]:
        """Return the deployment's own work, by kind and subject."""
        return [OwnWork(**row) for row in self._ask(_OF_THE_DEPLOYMENT)]

    def collecting(self) -> list[Outcomes]:
        """Return how the last runs of all datasets ended; of what is imported nothing is asked."""
        rows = self._ask(_COLLECTING, imported=list(of(IMPORTS)))
        return [Outcomes(**row) for row in rows]

    def under_way(self, now: datetime) -> list[Under]:
        """Return what is on its way, running or put off."""
        rows = self._ask(_STANDING, now=now)
        return [Under(**row) for row in rows]

    def newest_start(self) -> datetime | None:
        """Return when a worker last opened a message; None if none ever did."""
        found: datetime | None = self._ask(_NEWEST_START)[0]["at"]
        return found

    def ended(self, kinds: Sequence[str], since: datetime) -> list[EndedRuns]:
        """Return the runs of the kinds that ended after an instant, by kind and state."""
        rows = self._ask(_ENDED, kinds=list(kinds), since=since)
        return [EndedRuns(**row) for row in rows]

    def unbroken(self, kind: str, states: Sequence[str], most: int = 100) -> list[Unbroken]:
        """Return what of a kind ended in one of `states` last, and since when it always has."""
        rows = self._ask(_UNBROKEN, kind=kind, states=list(states), most=most)
        return [Unbroken(**row) for row in rows if row["since"] is not None]

    def _ask(self, query: LiteralString, **values: object) -> list[dict[str, Any]]:
        if ":deployment" in query:
            values["deployment"] = DEPLOYMENT
        with operator_session(self._engine) as connection:
            connection.execute(_SOON)
            return [{**row} for row in connection.execute(text(query), values).mappings()]
