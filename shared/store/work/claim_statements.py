"""The SQL that decides which runs are to be started or taken up again, and marks them pending.

Phases of a line of `work_state`: idle, pending (a message is on its way), running, deferred (put off).
"""
# ruff: noqa: S608  (statements share constant fragments; values are parameters)

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.types import Text, Uuid

from shared.core.work import DEPLOYMENT

_WORKS = """
    SELECT * FROM jsonb_to_recordset(:works) AS w (
        kind text, of_tenant boolean, subject text, every interval, first timestamptz, parents text[])
"""

# The lines of what is known beforehand. Work at a time of the day is due at the next one. Of ticks that
# overlap one makes them: the others would wait for it line by line.
MISSING = text(f"""
    WITH w AS ({_WORKS}), owner AS (
        SELECT tenant_id, true AS of_tenant FROM kanri.tenants WHERE state = 'active'
        UNION ALL SELECT '{DEPLOYMENT}'::uuid, false
    ), turn AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock(hashtextextended('kanri.work_state', 0)) AS mine
    )
    INSERT INTO kanri.work_state (tenant_id, kind, subject, next_due)
    SELECT owner.tenant_id, w.kind, w.subject, w.first
    FROM owner JOIN w USING (of_tenant), turn
    WHERE turn.mine AND w.subject <> '' AND NOT EXISTS (
        SELECT FROM kanri.work_state s
        WHERE s.tenant_id = owner.tenant_id AND s.kind = w.kind AND s.subject = w.subject)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("works", type_=JSONB))

ASKED_FOR = text("""
    INSERT INTO kanri.work_state (tenant_id, kind, subject)
    SELECT :tenant, :kind, subject FROM unnest(:subjects) AS subject
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("tenant", type_=Uuid), bindparam("subjects", type_=ARRAY(Text)))

# When each phase is due. A lost message keeps its part: both copies are the same message. A put-off
# or orphaned run goes on as the next part, which makes any older message of it stale. What comes by
# event (any subject of its kind, '' in `d`) is idle until it is asked for.
_DUE = """
    CASE s.phase
        WHEN 'idle' THEN CASE WHEN d.subject = '' THEN s.next_due ELSE coalesce(
            s.next_due, s.last_started_at + d.every, least(t.added_at, :now)) END
        WHEN 'pending' THEN s.pending_until
        WHEN 'deferred' THEN s.next_due
        ELSE s.lease_until
    END
"""

# What is read below objects of another dataset has nothing to begin with before that has been read.
_PARENTS_READ = """
    (d.parents IS NULL OR s.phase <> 'idle' OR NOT EXISTS (
        SELECT FROM unnest(d.parents) AS parent
        LEFT JOIN kanri.work_state p
            ON p.tenant_id = s.tenant_id AND p.kind = 'collect' AND p.subject = parent
        WHERE p.finished_at IS NULL))
"""

_STATES = f"""
    FROM kanri.work_state s
    JOIN ({_WORKS}) AS d ON d.kind = s.kind
        AND d.subject = CASE WHEN s.kind = ANY(:events) THEN '' ELSE s.subject END
        AND d.of_tenant = (s.tenant_id <> '{DEPLOYMENT}')
    LEFT JOIN kanri.tenants t USING (tenant_id)
"""

# Work of the deployment itself has no tenant that could be paused or removed.
_MAY = "(t.state = 'active' OR NOT d.of_tenant)"

# Only what is idle begins a run of its own; whatever else is marked goes on with the one it has.
_MARK = """
    UPDATE kanri.work_state s SET
        run_id = CASE WHEN s.phase = 'idle' THEN gen_random_uuid() ELSE s.run_id END,
        part = CASE s.phase WHEN 'idle' THEN 0 WHEN 'pending' THEN s.part ELSE s.part + 1 END,
        trigger = CASE WHEN s.phase = 'idle' THEN :trigger ELSE s.trigger END,
        phase = 'pending', pending_until = :until, lease_until = NULL, next_due = NULL
"""

_CLAIMED = "s.tenant_id, s.kind, s.subject, s.run_id, s.part, s.trigger"

# Tenants take turns: one line each, then the next of each, who was served longest ago first. The
# queue holds `limit` messages at most, or turns would mean little: it is worked off in its order.
CLAIM_DUE = text(f"""
    WITH standing AS (
        SELECT tenant_id, max(greatest(started_at, last_started_at)) AS served,
            count(*) FILTER (WHERE phase = 'pending' AND pending_until > :now) AS pending
        FROM kanri.work_state
        WHERE kind IN (SELECT kind FROM ({_WORKS}) AS w) GROUP BY tenant_id
    ), due AS (
        SELECT s.tenant_id, s.kind, s.subject, coalesce(g.served, t.added_at) AS served,
            g.pending + row_number() OVER (
                PARTITION BY s.tenant_id ORDER BY s.phase = 'idle', {_DUE}, s.subject) AS turn
        {_STATES} JOIN standing g USING (tenant_id)
        WHERE {_MAY} AND {_DUE} <= :now AND {_PARENTS_READ}
    ), chosen AS (
        SELECT s.tenant_id, s.kind, s.subject, due.turn, due.served
        {_STATES} JOIN due ON due.tenant_id = s.tenant_id AND due.kind = s.kind
            AND due.subject = s.subject
        WHERE {_MAY} AND {_DUE} <= :now
        ORDER BY due.turn, due.served, s.tenant_id
        LIMIT greatest(0, :limit - (SELECT sum(pending) FROM standing))
        FOR UPDATE OF s SKIP LOCKED
    )
    {_MARK} FROM chosen
    WHERE s.tenant_id = chosen.tenant_id AND s.kind = chosen.kind AND s.subject = chosen.subject
    RETURNING {_CLAIMED}, chosen.turn, chosen.served
""").bindparams(
    bindparam("works", type_=JSONB),
    bindparam("events", type_=ARRAY(Text)),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("until", type_=TIMESTAMP(timezone=True)),
    bindparam("trigger", type_=Text),
)

# What waited for `parent`: due but for it, or put off or given up by the reader because of it. A line that is
# locked is being opened or claimed by somebody else.
CLAIM_AFTER = text(f"""
    WITH chosen AS (
        SELECT s.tenant_id, s.kind, s.subject
        {_STATES}
        WHERE s.tenant_id = :tenant AND {_MAY} AND :parent = ANY(d.parents) AND {_PARENTS_READ}
            AND (s.phase = 'idle' AND {_DUE} <= :now
                OR s.phase = 'deferred' AND s.cause = 'parent_under_way'
                OR s.phase = 'idle' AND s.cause = 'parent_not_collected')
        FOR UPDATE OF s SKIP LOCKED
    )
    {_MARK} FROM chosen
    WHERE s.tenant_id = chosen.tenant_id AND s.kind = chosen.kind AND s.subject = chosen.subject
    RETURNING {_CLAIMED}
""").bindparams(
    bindparam("works", type_=JSONB),
    bindparam("events", type_=ARRAY(Text)),
    bindparam("tenant", type_=Uuid),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("until", type_=TIMESTAMP(timezone=True)),
    bindparam("trigger", type_=Text),
)

# What the end of a run (of `parent`), or of its part before `part`, has marked and nobody has opened.
UNOPENED = text(f"""
    SELECT {_CLAIMED} {_STATES}
    WHERE s.tenant_id = :tenant AND {_MAY} AND s.phase = 'pending'
        AND (:parent = ANY(d.parents) OR s.run_id = :run AND s.part = :part)
""").bindparams(
    bindparam("works", type_=JSONB),
    bindparam("events", type_=ARRAY(Text)),
    bindparam("tenant", type_=Uuid),
    bindparam("run", type_=Uuid),
)

# Not while the holder writes: that prolongs the lease too.
KEEP = text("""
    UPDATE kanri.work_state SET lease_until = :until
    WHERE (tenant_id, kind, subject) IN (
        SELECT tenant_id, kind, subject FROM kanri.work_state
        WHERE tenant_id = :tenant AND kind = :kind AND subject = :subject AND phase = 'running'
            AND run_id = :run AND version = :version
        FOR UPDATE SKIP LOCKED)
""").bindparams(bindparam("until", type_=TIMESTAMP(timezone=True)))

REQUEST = text(f"""
    {_MARK}
    WHERE s.tenant_id = :tenant AND s.kind = :kind AND s.subject = ANY(:subjects)
        AND NOT (s.phase = 'running' AND s.lease_until > :now)
        AND NOT (s.phase = 'pending' AND s.pending_until > :now)
    RETURNING {_CLAIMED}
""").bindparams(
    bindparam("subjects", type_=ARRAY(Text)),
    bindparam("tenant", type_=Uuid),
    bindparam("now", type_=TIMESTAMP(timezone=True)),
    bindparam("until", type_=TIMESTAMP(timezone=True)),
    bindparam("trigger", type_=Text),
)
