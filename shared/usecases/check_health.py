"""Checks whether the app can do its work: database, schema, schedule, messages given up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.store.registers.health import Health
from shared.store.work.dead_letters import DeadLetters

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Some dataset is due every 30 minutes in every active tenant; twice that is silence.
SILENCE = timedelta(hours=1)
# A letter this young means that something is broken now, not that something once was.
YOUNG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `detail` holds what was seen, by name."""

    name: str
    ok: bool
    detail: dict[str, object] = field(default_factory=dict)


def check_health(engine: "Engine", now: datetime) -> list[Check]:
    """Return every check; only the first one if the database cannot be reached."""
    health = Health(engine)
    seen = health.check()
    database = Check(
        "database", bool(seen["reachable"]), {"ms": seen["ms"], "cause": seen["cause"]}
    )
    if not database.ok:
        return [database]
    return [
        database,
        Check("schema", bool(seen["schema_current"])),
        _schedule(health, now),
        _dead_letters(DeadLetters(engine), now),
    ]


def _schedule(health: Health, now: datetime) -> Check:
    active, moment = health.last_claim()
    silent = moment is not None and now - moment > SILENCE
    return Check("schedule", not silent, {"activeTenants": active, "lastClaimAt": moment})


def _dead_letters(dead_letters: DeadLetters, now: datetime) -> Check:
    newest = next(iter(dead_letters.all(1)), None)
    young = newest is not None and now - newest.received_at < YOUNG
    moment = None if newest is None else newest.received_at
    return Check("deadLetters", not young, {"count": dead_letters.count(), "newestAt": moment})
