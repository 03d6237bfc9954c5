"""Which datasets are overdue: due by their schedule for a while without a complete read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, TIMESTAMP
from sqlalchemy.types import Text

from shared.store.session.sessions import operator_session

# A dataset that the tenant has no licence for, or has not switched on, is not read: it cannot be late.
_OVERDUE = text("""
    SELECT s.tenant_id, s.subject AS dataset, :now - (coalesce(s.complete_at, t.added_at) + d.every) AS late
    FROM kanri.work_state s
    JOIN kanri.tenants t USING (tenant_id)
    JOIN unnest(:datasets, :every) AS d (subject, every) USING (subject)
    WHERE s.kind = 'collect' AND t.state = 'active'
        AND coalesce(s.state, 'ok') NOT IN ('not_licensed', 'off')
        AND coalesce(s.complete_at, t.added_at) + d.every + :grace < :now
    ORDER BY late DESC, s.tenant_id, s.subject
""").bindparams(
    bindparam("datasets", type_=ARRAY(Text)),
    bindparam("every", type_=ARRAY(INTERVAL)),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("grace", type_=INTERVAL),
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """One dataset of one tenant that should have been read completely `late` ago."""

    tenant_id: UUID
    dataset: str
    late: timedelta


class Lateness:
    """Compares what was read completely with the schedule."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overdue(
        self, now: datetime, every: Mapping[str, timedelta], grace: timedelta
    ) -> list[Overdue]:
        """Return what active tenants have been missing for longer than `grace`, latest first.

        `every` maps dataset to interval. A tenant that was never read counts from when it was
        added. Raises StoreUnavailable.
        """
        with operator_session(self._engine) as connection:
            rows = connection.execute(
                _OVERDUE,
                {
                    "datasets": list(every),
                    "every": list(every.values()),
                    "now": now,
                    "grace": grace,
                },
            ).all()
        return [Overdue(row.tenant_id, row.dataset, row.late) for row in rows]
