"""Which API keys want a look: those that never end, and those that nobody uses."""

from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from shared.store.session.sessions import ask_as_operator

_GOOD: LiteralString = """
    SELECT k.key_id, k.expires_at, k.tenant_ids IS NULL AND k.ranges IS NULL AS from_everywhere,
        greatest(k.created_at, u.last_used_at) AS stirred_at
    FROM kanri.api_keys k LEFT JOIN kanri.api_key_uses u USING (key_id)
    WHERE k.revoked_at IS NULL AND NOT k.waits AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
    ORDER BY k.key_id
"""


class GoodKey(NamedTuple):
    """A key that opens. `stirred_at` is when it was made or used last, `from_everywhere` one that is
    for every tenant and taken from any address."""

    key_id: UUID
    expires_at: datetime | None
    from_everywhere: bool
    stirred_at: datetime


def good_keys(engine: Engine, now: datetime) -> list[GoodKey]:
    """Return the keys that open at `now`, by id. Raises StoreUnavailable."""
    found = ask_as_operator(engine, _GOOD, {"now": now})
    return [
        GoodKey(row.key_id, row.expires_at, row.from_everywhere, row.stirred_at) for row in found
    ]
