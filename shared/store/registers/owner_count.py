"""How many owners the deployment has by memberships: people and apps, and groups of whoever many."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from sqlalchemy import Engine

from shared.store.session.sessions import ask_as_operator

_OWNERS: LiteralString = """
    SELECT count(DISTINCT subject_id) FILTER (WHERE subject_kind <> 'group') AS single,
        count(DISTINCT subject_id) FILTER (WHERE subject_kind = 'group') AS groups
    FROM kanri.memberships
    WHERE role = 'owner' AND scope_tenant IS NULL AND scope_tag IS NULL
        AND (expires_at IS NULL OR expires_at > %(now)s)
"""


class OwnerCount(NamedTuple):
    """`single` are users, apps and keys; `groups` may have any number of members."""

    single: int
    groups: int


def count_owners(engine: Engine, now: datetime) -> OwnerCount:
    """Return how many there are at `now`. Raises StoreUnavailable."""
    [row] = ask_as_operator(engine, _OWNERS, {"now": now})
    return OwnerCount(row.single, row.groups)
