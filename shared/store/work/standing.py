"""How work stands, kind by kind: what ended well last, what came of it last."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from shared.core.coverage import State
from shared.core.registry import is_imported
from shared.store.session.sessions import ask_as_operator

# A run that ended well is looked up in the ledger only where the last one did not end so.
_STANDING: LiteralString = """
    SELECT w.tenant_id, w.kind, w.subject, w.state, w.cause, w.finished_at,
        CASE WHEN w.state = 'ok' THEN w.finished_at ELSE (
            SELECT l.finished_at FROM kanri.ledger l
            WHERE l.tenant_id = w.tenant_id AND l.kind = w.kind AND l.subject = w.subject
                AND l.state = 'ok'
            ORDER BY l.finished_at DESC LIMIT 1
        ) END AS well_at
    FROM kanri.work_state w
    WHERE w.tenant_id = ANY(%(tenants)s::uuid[]) AND w.kind = %(kind)s AND w.state IS NOT NULL
    ORDER BY w.tenant_id, w.subject
"""


_LAST_BEGUN: LiteralString = """
    SELECT max(greatest(last_started_at, started_at)) AS at FROM kanri.work_state
"""


class WorkStanding(NamedTuple):
    """How the last run of a subject ended and why, and when one ended well last, None for never."""

    tenant_id: UUID
    kind: str
    subject: str
    state: State
    cause: str | None
    finished_at: datetime
    well_at: datetime | None


def work_standing(engine: Engine, kind: str, tenants: Collection[UUID]) -> list[WorkStanding]:
    """Return how each subject of the kind stands that has run, by tenant. Raises StoreUnavailable."""
    found = ask_as_operator(engine, _STANDING, {"tenants": list(tenants), "kind": kind})
    return [WorkStanding(*row) for row in found]


def collecting(engine: Engine, tenants: Collection[UUID]) -> dict[UUID, list[WorkStanding]]:
    """Return how the datasets stand that Graph is asked for, of each tenant that has any.

    Neither what is imported nor what is off says anything of Graph. Raises StoreUnavailable.
    """
    found: dict[UUID, list[WorkStanding]] = {}
    for one in work_standing(engine, "collect", tenants):
        if one.state != "off" and not is_imported(one.subject):
            found.setdefault(one.tenant_id, []).append(one)
    return found


def last_begun(engine: Engine) -> datetime | None:
    """Return when a message last began a run of anything; None for never. Raises StoreUnavailable."""
    [row] = ask_as_operator(engine, _LAST_BEGUN, ())
    moment: datetime | None = row.at
    return moment
