"""Whether the database can be reached, how fast, and whether its schema is the one we know."""

import re
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from shared.core.errors import StoreUnavailable
from shared.store.session.sessions import operator_session

# Whoever asks whether we are ready wants to know soon; no answer is one.
_SOON = text("SET LOCAL statement_timeout = '5s'")

_VERSIONS = Path(__file__).parents[1] / "schema" / "migrations" / "versions"
_VERSION_FILE = re.compile(r"v(\d{4})_")

# A claim is pending for 15 minutes (store.work.claims.PENDING).
_LAST_CLAIM = text("""
    SELECT count(*), max(greatest(tenants.updated_at, claimed.at)) FROM kanri.tenants
    LEFT JOIN LATERAL (
        SELECT max(greatest(last_started_at, started_at, pending_until - interval '15 minutes')) AS at
        FROM kanri.work_state AS state WHERE state.tenant_id = tenants.tenant_id
    ) AS claimed ON true
    WHERE tenants.state = 'active'
""")


class Health:
    """The database's own check."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self) -> dict[str, object]:
        """Return `reachable`, `cause` if not, `schema_current`, and the round trip in `ms`."""
        started = time.perf_counter()
        try:
            with operator_session(self._engine) as connection:
                connection.execute(_SOON)
                stored = connection.execute(
                    text("SELECT version_num FROM kanri.schema_version")
                ).scalar_one_or_none()
        except StoreUnavailable as error:
            return {"reachable": False, "cause": error.code, "schema_current": None, "ms": None}
        return {
            "reachable": True,
            "cause": None,
            "schema_current": stored == newest_version(),
            "ms": round((time.perf_counter() - started) * 1000, 1),
        }

    def last_claim(self) -> tuple[int, datetime | None]:
        """Return how many tenants are active, and when the schedule last claimed one of their runs.

        Adding or resuming a tenant counts as a claim: the schedule has had no time to act.
        """
        with operator_session(self._engine) as connection:
            connection.execute(_SOON)
            active, moment = connection.execute(_LAST_CLAIM).one()
            return int(active), moment


def newest_version() -> str:
    """Return the newest schema version this code has, read from file names: no Alembic at run time."""
    found = (_VERSION_FILE.match(file.name) for file in _VERSIONS.glob("v*.py"))
    return max((match[1] for match in found if match), default="")
