"""Decides which runs are to be started or taken up again, and marks them pending.

A pending line is what other systems keep in an outbox: it is written in the transaction that
decided it, holds all that its message says, and stays until the message is opened by a worker,
which is the only proof that it was sent. `claim_due` sends again what nobody has opened in time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from shared.core.errors import Conflict, NotFound
from shared.core.work import DEPLOYMENT, After, At, Cadence, Every
from shared.store.registers.tenant_table import TENANTS
from shared.store.work.claim_statements import (
    ASKED_FOR,
    CLAIM_AFTER,
    CLAIM_DUE,
    KEEP,
    MISSING,
    REQUEST,
    UNOPENED,
)
from shared.store.work.run_records import Run

if TYPE_CHECKING:
    from shared.core.messages import Claim
    from shared.core.work import Work

# Longer than a message can lie in a queue that is being worked off, shorter than anyone's patience.
PENDING = timedelta(minutes=15)


def claim_due(
    connection: Connection, now: datetime, works: Iterable["Work[Run, Any]"], limit: int
) -> list["Claim"]:
    """Mark what is due as pending and return it, tenants by turns (operator session)."""
    declared = _declared(works, now)
    connection.execute(MISSING, {"works": declared})
    rows = connection.execute(
        CLAIM_DUE,
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
        CLAIM_AFTER,
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


def unopened(
    connection: Connection, claim: "Claim", now: datetime, works: Iterable["Work[Run, Any]"]
) -> list["Claim"]:
    """Return what the work of `claim`, which is done, has marked pending and nobody has opened yet: its
    run's next part, what waited for the end of its run."""
    declared = _declared(works, now)
    events = [one["kind"] for one in declared if one["subject"] == ""]
    rows = connection.execute(
        UNOPENED,
        {
            "works": declared,
            "events": events,
            "tenant": claim.tenant_id,
            "parent": claim.subject if claim.kind == "collect" else None,
            "run": claim.run_id,
            "part": claim.part + 1,
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
    connection.execute(ASKED_FOR, wanted)
    moment = {"now": now, "until": now + PENDING, "trigger": trigger}
    rows = connection.execute(REQUEST, {**wanted, **moment}).all()
    return sorted(map(_claim, rows), key=lambda claim: claim.subject)


def keep(connection: Connection, run: Run, until: datetime) -> None:
    """Let the lease of a run that is still its holder's end at `until`."""
    connection.execute(
        KEEP,
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
