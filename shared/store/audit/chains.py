"""Reads chains of audit events as whoever proves them needs them: in order, whole, in constant memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from sqlalchemy import Engine

from shared.core.audit import ChainedEvent
from shared.core.audit_proof import Head
from shared.core.work import DEPLOYMENT
from shared.store.session.sessions import ask_as_operator, ask_as_tenant, tenant_snapshot

_PLACE, _BATCH = "kanri_chain", 1000

# The last event of each chain by its key, one look-up a chain.
_HEADS = """
    SELECT chain.tenant_id, last.seq, last.hash
    FROM (SELECT tenant_id FROM kanri.tenants UNION ALL SELECT %(deployment)s) AS chain (tenant_id),
        LATERAL (
            SELECT e.seq, e.hash FROM kanri.audit_events e WHERE e.tenant_id = chain.tenant_id
            ORDER BY e.seq DESC LIMIT 1
        ) AS last
    ORDER BY chain.tenant_id
"""

_OLDEST = """
    SELECT seq, at FROM kanri.audit_events WHERE tenant_id = %(tenant)s ORDER BY seq LIMIT 1
"""

_CHAIN = """
    SELECT tenant_id, seq, at, act, result, caller, authority, address, target, request_id, times,
        before, after, previous, hash
    FROM kanri.audit_events
    WHERE tenant_id = %(tenant)s AND seq > %(after)s AND seq <= coalesce(%(last)s::bigint, seq)
    ORDER BY seq
"""


class AuditChains:
    """The chains of the tenants and of the deployment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def heads(self) -> list[Head]:
        """Return the last event of every chain that has one."""
        rows = ask_as_operator(self._engine, _HEADS, {"deployment": DEPLOYMENT})
        return [Head(row.tenant_id, row.seq, bytes(row.hash)) for row in rows]

    def oldest(self, tenant_id: UUID) -> tuple[int, datetime] | None:
        """Return number and time of the oldest event that is in the database; None without one."""
        for row in ask_as_tenant(self._engine, tenant_id, _OLDEST, {}):
            return row.seq, row.at
        return None

    @contextmanager
    def events(
        self, tenant_id: UUID, after: int = 0, last: int | None = None
    ) -> Iterator[Iterator[ChainedEvent]]:
        """Yield the events after number `after`, up to `last`, as they stand at one moment."""
        values = {"tenant": tenant_id, "after": after, "last": last}
        with (
            tenant_snapshot(self._engine, tenant_id, timeout="60s") as session,
            psycopg.ServerCursor(session, _PLACE, row_factory=class_row(ChainedEvent)) as found,
        ):
            found.itersize = _BATCH
            found.execute(_CHAIN, values)
            yield iter(found)
