"""Decides which runs are to be started or taken up again, and marks them pending.

A pending line is what other systems keep in an outbox: it is written in the transaction that
decided it, holds all that its message says, and stays until the message is opened by a worker,
which is the only proof that it was sent. `claim_due` sends again what nobody has opened in time.
"""
# ruff: noqa: S608  (statements share constant fragments; values are parameters)

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.types import Text, Uuid

from shared.core.errors import Conflict, NotFound
from shared.core.work import DEPLOYMENT, After, At, Cadence, Every
from shared.store.registers.tenant_table import TENANTS
from shared.store.work.run_records import Run

if TYPE_CHECKING:
    from shared.core.messages import Claim
    from shared.core.work import Work

# Longer than a message can lie in a queue that is being worked off, shorter than anyone's patience.
PENDING = timedelta(minutes=15)

_WORKS = """
    SELECT * FROM jsonb_to_recordset(:works) AS w (
        kind text, of_tenant boolean, subject text, every interval, first timestamptz, parents text[])
"""

# The lines of what is known beforehand. Work at a time of the day is due at the next one.
_MISSING = text(f"""
    WITH w AS ({_WORKS}), owner AS (
        SELECT tenant_id, true AS of_tenant FROM kanri.tenants WHERE state = 'active'
        UNION ALL SELECT '{DEPLOYMENT}'::uuid, false
    )
    INSERT INTO kanri.work_state (tenant_id, kind, subject, next_due)
    SELECT owner.tenant_id, w.kind, w.subject, w.first
    FROM owner JOIN w USING (of_tenant)
    WHERE w.subject <> '' AND NOT EXISTS (
        SELECT FROM kanri.work_state s
        WHERE s.tenant_id = owner.tenant_id AND s.kind = w.kind AND s.subject = w.subject)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("works", type_=JSONB))

_ASKED_FOR = text("""
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
_CLAIM_DUE = text(f"""
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

# What waited for `parent`: due but for it, or put off by the reader because of it. A line that is
# locked is being opened or claimed by somebody else.
_CLAIM_AFTER = text(f"""
    WITH chosen AS (
        SELECT s.tenant_id, s.kind, s.subject
        {_STATES}
        WHERE s.tenant_id = :tenant AND {_MAY} AND :parent = ANY(d.parents) AND {_PARENTS_READ}
            AND (s.phase = 'idle' AND {_DUE} <= :now
                OR s.phase = 'deferred' AND s.cause = 'parent_under_way')
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

# Not while the holder writes: that prolongs the lease too.
_KEEP = text("""
    UPDATE kanri.work_state SET lease_until = :until
    WHERE (tenant_id, kind, subject) IN (
        SELECT tenant_id, kind, subject FROM kanri.work_state
        WHERE tenant_id = :tenant AND kind = :kind AND subject = :subject AND phase = 'running'
            AND run_id = :run AND version = :version
        FOR UPDATE SKIP LOCKED)
""").bindparams(bindparam("until", type_=TIMESTAMP(timezone=True)))

_REQUEST = text(f"""
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


def claim_due(
    connection: Connection, now: datetime, works: Iterable["Work[Run, Any]"], limit: int
) -> list["Claim"]:
    """Mark what is due as pending and return it, tenants by turns (operator session)."""
    declared = _declared(works, now)
    connection.execute(_MISSING, {"works": declared})
    rows = connection.execute(
        _CLAIM_DUE,
        {
            "works": declared,
            "events": [one["kind"] for one in declared if one["subject"] == ""],
            "now": now,
            "until": now + PENDING,
            "trigger": "schedule",
            "limit": limit,
        },
    ).all()
    ordered = sorted(rows, key=lambda row: (row.turn, row.served or now, row.tenant_id))
    return [_claim(row) for row in ordered]


def claim_after(
    connection: Connection, run: Run, now: datetime, works: Iterable["Work[Run, Any]"]
) -> list["Claim"]:
    """Mark what only waited for the end of `run` as pending and return it."""
    declared = [one for one in _declared(works, now) if one["parents"]]
    rows = connection.execute(
        _CLAIM_AFTER,
        {
            "works": declared,
            "events": [],
            "tenant": run.tenant_id,
            "parent": run.subject,
            "now": now,
            "until": now + PENDING,
            "trigger": "schedule",
        },
    ).all()
    return sorted(map(_claim, rows), key=lambda claim: claim.subject)


def request(
    connection: Connection,
    tenant_id: UUID,
    kind: str,
    subjects: Iterable[str],
    now: datetime,
    trigger: str,
) -> list["Claim"]:
    """Mark the subjects pending unless they are under way, and return them by name."""
    if tenant_id != DEPLOYMENT:
        query = select(TENANTS.c.state).where(TENANTS.c.tenant_id == tenant_id)
        state = connection.execute(query).scalar_one_or_none()
        if state in (None, "removed"):
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        if state == "paused":
            raise Conflict("tenant_paused", parameter="tenant", value=str(tenant_id))
    wanted = {"tenant": tenant_id, "kind": kind, "subjects": sorted(set(subjects))}
    connection.execute(_ASKED_FOR, wanted)
    moment = {"now": now, "until": now + PENDING, "trigger": trigger}
    rows = connection.execute(_REQUEST, {**wanted, **moment}).all()
    return sorted(map(_claim, rows), key=lambda claim: claim.subject)


def keep(connection: Connection, run: Run, until: datetime) -> None:
    """Let the lease of a run that is still its holder's end at `until`."""
    connection.execute(
        _KEEP,
        {
            "tenant": run.tenant_id,
            "kind": run.kind,
            "subject": run.subject,
            "run": run.run_id,
            "version": run.version,
            "until": until,
        },
    )


def _declared(works: Iterable["Work[Run, Any]"], now: datetime) -> list[dict[str, object]]:
    """Return each subject with its cadence as PostgreSQL reads it; '' stands for what comes by event."""
    found: list[dict[str, object]] = []
    for work in works:
        own = {"kind": work.kind, "of_tenant": work.of_tenant}
        known: Mapping[str, Cadence] | None = None if work.schedule is None else work.schedule()
        if known is None:
            found.append(own | {"subject": "", "every": None, "first": None, "parents": None})
            continue
        for subject, cadence in known.items():
            found.append(own | {"subject": subject} | _cadence(cadence, now))
    return found


def _cadence(cadence: Cadence, now: datetime) -> dict[str, object]:
    match cadence:
        case Every(interval):
            return {"every": _seconds(interval), "first": None, "parents": None}
        case After(datasets, interval):
            return {"every": _seconds(interval), "first": None, "parents": list(datasets)}
        case At():
            first = cadence.next_after(now).isoformat()
            return {"every": None, "first": first, "parents": None}


def _seconds(interval: timedelta) -> str:
    return f"{interval.total_seconds()} seconds"


def _claim(row: Row[tuple[object, ...]]) -> "Claim":
    from shared.core.messages import Claim

    return Claim(
        kind=row.kind,
        tenant_id=row.tenant_id,
        subject=row.subject,
        run_id=row.run_id,
        part=row.part,
        trigger=row.trigger,
    )
