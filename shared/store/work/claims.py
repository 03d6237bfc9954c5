"""Decides which runs are to be started or taken up again, and marks them pending."""
# ruff: noqa: S608  (statements share constant fragments; values are parameters)

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, TIMESTAMP
from sqlalchemy.types import Text, Uuid

from shared.core.errors import Conflict, NotFound
from shared.store.schema.control_tables import TENANTS
from shared.store.work.run_records import Claim, Run

_MISSING = text("""
    INSERT INTO kanri.dataset_state (tenant_id, dataset)
    SELECT t.tenant_id, d.dataset
    FROM kanri.tenants t CROSS JOIN unnest(:datasets) AS d (dataset)
    WHERE t.state = 'active' AND NOT EXISTS (
        SELECT FROM kanri.dataset_state s
        WHERE s.tenant_id = t.tenant_id AND s.dataset = d.dataset)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("datasets", type_=ARRAY(Text)))

# When each phase is due. A lost message keeps its part: both copies are the same message. A put-off
# or orphaned run goes on as the next part, which makes any older message of it stale.
_DUE = """
    CASE s.phase
        WHEN 'idle' THEN coalesce(
            s.next_due, s.last_started_at + d.every, least(t.added_at, :now))
        WHEN 'pending' THEN s.pending_until
        WHEN 'deferred' THEN s.next_due
        ELSE s.lease_until
    END
"""

_DATASETS = """
    FROM kanri.dataset_state s
    JOIN unnest(:datasets, :every) AS d (dataset, every) USING (dataset)
    JOIN kanri.tenants t USING (tenant_id)
"""

_MARK = """
    UPDATE kanri.dataset_state s SET
        run_id = CASE WHEN s.phase = 'idle' THEN gen_random_uuid() ELSE s.run_id END,
        part = CASE s.phase WHEN 'idle' THEN 0 WHEN 'pending' THEN s.part ELSE s.part + 1 END,
        trigger = CASE WHEN s.phase = 'idle' THEN :trigger ELSE s.trigger END,
        phase = 'pending', pending_until = :until, lease_until = NULL, next_due = NULL
"""

# Tenants take turns: one dataset each, then the next of each, who was served longest ago first. The
# queue holds `limit` messages at most, or turns would mean little: it is worked off in its order.
_CLAIM_DUE = text(f"""
    WITH standing AS (
        SELECT tenant_id, max(greatest(started_at, last_started_at)) AS served,
            count(*) FILTER (WHERE phase = 'pending' AND pending_until > :now) AS pending
        FROM kanri.dataset_state GROUP BY tenant_id
    ), due AS (
        SELECT s.tenant_id, s.dataset, coalesce(g.served, t.added_at) AS served,
            g.pending + row_number() OVER (
                PARTITION BY s.tenant_id ORDER BY s.phase = 'idle', {_DUE}, s.dataset) AS turn
        {_DATASETS} JOIN standing g USING (tenant_id)
        WHERE t.state = 'active' AND {_DUE} <= :now
    ), chosen AS (
        SELECT s.tenant_id, s.dataset, due.turn, due.served
        {_DATASETS} JOIN due USING (tenant_id, dataset)
        WHERE t.state = 'active' AND {_DUE} <= :now
        ORDER BY due.turn, due.served, s.tenant_id
        LIMIT greatest(0, :limit - (SELECT sum(pending) FROM standing))
        FOR UPDATE OF s SKIP LOCKED
    )
    {_MARK} FROM chosen
    WHERE s.tenant_id = chosen.tenant_id AND s.dataset = chosen.dataset
    RETURNING s.tenant_id, s.dataset, s.run_id, s.part, s.trigger, chosen.turn, chosen.served
""").bindparams(
    bindparam("datasets", type_=ARRAY(Text)),
    bindparam("every", type_=ARRAY(INTERVAL)),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("until", type_=TIMESTAMP(timezone=True)),
    bindparam("trigger", type_=Text),
)

# Not while the holder writes: that prolongs the lease too.
_KEEP = text("""
    UPDATE kanri.dataset_state SET lease_until = :until
    WHERE (tenant_id, dataset) IN (
        SELECT tenant_id, dataset FROM kanri.dataset_state
        WHERE tenant_id = :tenant AND dataset = :dataset AND phase = 'running'
            AND run_id = :run AND version = :version
        FOR UPDATE SKIP LOCKED)
""").bindparams(bindparam("until", type_=TIMESTAMP(timezone=True)))

_REQUEST = text(f"""
    {_MARK}
    WHERE s.tenant_id = :tenant AND s.dataset = ANY(:datasets)
        AND NOT (s.phase = 'running' AND s.lease_until > :now)
        AND NOT (s.phase = 'pending' AND s.pending_until > :now)
    RETURNING s.tenant_id, s.dataset, s.run_id, s.part, s.trigger
""").bindparams(
    bindparam("datasets", type_=ARRAY(Text)),
    bindparam("tenant", type_=Uuid),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("until", type_=TIMESTAMP(timezone=True)),
    bindparam("trigger", type_=Text),
)


def claim_due(
    connection: Connection,
    now: datetime,
    every: Mapping[str, timedelta],
    limit: int,
    *,
    pending: timedelta,
) -> list[Claim]:
    """Mark what is due as pending and return it, tenants by turns (operator session)."""
    datasets = list(every)
    connection.execute(_MISSING, {"datasets": datasets})
    rows = connection.execute(
        _CLAIM_DUE,
        {
            "datasets": datasets,
            "every": list(every.values()),
            "now": now,
            "until": now + pending,
            "trigger": "schedule",
            "limit": limit,
        },
    ).all()
    ordered = sorted(rows, key=lambda row: (row.turn, row.served, row.tenant_id))
    return [Claim(row.tenant_id, row.dataset, row.run_id, row.part, row.trigger) for row in ordered]


def request(
    connection: Connection,
    tenant_id: UUID,
    datasets: Iterable[str],
    now: datetime,
    *,
    pending: timedelta,
) -> list[Claim]:
    """Mark the datasets pending unless they are under way, and return them by dataset id."""
    query = select(TENANTS.c.state).where(TENANTS.c.tenant_id == tenant_id)
    state = connection.execute(query).scalar_one_or_none()
    if state in (None, "removed"):
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
    if state == "paused":
        raise Conflict("tenant_paused", parameter="tenant", value=str(tenant_id))
    wanted = sorted(set(datasets))
    connection.execute(_MISSING, {"datasets": wanted})
    rows = connection.execute(
        _REQUEST,
        {
            "tenant": tenant_id,
            "datasets": wanted,
            "now": now,
            "until": now + pending,
            "trigger": "manual",
        },
    ).all()
    found = [Claim(row.tenant_id, row.dataset, row.run_id, row.part, row.trigger) for row in rows]
    return sorted(found, key=lambda claim: claim.dataset)


def keep(connection: Connection, run: Run, until: datetime) -> None:
    """Let the lease of a run that is still its holder's end at `until`."""
    connection.execute(
        _KEEP,
        {
            "tenant": run.tenant_id,
            "dataset": run.dataset,
            "run": run.run_id,
            "version": run.version,
            "until": until,
        },
    )
