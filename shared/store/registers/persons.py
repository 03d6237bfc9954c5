"""Who stands behind a caller: whoever made the key that he comes with, and what that came of.

Two callers with anybody in common are one person, as far as a second pair of eyes goes.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from shared.core.access import Caller, Permission
from shared.core.role_permissions import ROLE_PERMISSIONS
from shared.store.session.sessions import operator_session

_MAKERS = text("""
    WITH own AS (
        SELECT key_id, lineage FROM kanri.api_keys WHERE key_id = :key
    )
    SELECT k.key_id, k.made_by
    FROM own JOIN kanri.api_keys k ON k.key_id = own.key_id OR k.key_id = ANY(own.lineage)
""")

# A group may have any number of members, so it counts as several people.
_HOLDERS = text("""
    SELECT count(DISTINCT m.subject_id) FILTER (WHERE m.subject_kind = 'user')
        + 2 * count(DISTINCT m.subject_id) FILTER (WHERE m.subject_kind = 'group')
    FROM kanri.memberships m LEFT JOIN kanri.roles r ON r.role = m.role
    WHERE m.scope_tenant IS NULL AND m.scope_tag IS NULL
        AND (m.expires_at IS NULL OR m.expires_at > :now)
        AND (m.role = ANY(:built_in) OR r.permissions @> ARRAY[CAST(:permission AS text)])
""")


def persons_behind(engine: Engine, caller: Caller) -> frozenset[str]:
    """Return the names of the caller and of all who are behind his key."""
    if caller.key_id is None:
        return frozenset({caller.name})
    with operator_session(engine) as connection:
        return frozenset({caller.name, *_makers(connection, caller.key_id)})


def _makers(connection: Connection, key_id: UUID) -> set[str]:
    found: set[str] = set()
    for row in connection.execute(_MAKERS, {"key": key_id}):
        found.add(f"key:{row.key_id}")
        if row.made_by is not None:
            found.add(row.made_by)
    return found


def people_with(engine: Engine, permission: Permission, now: datetime) -> int:
    """Return how many people hold the permission on every tenant by a membership."""
    built_in = [role for role, granted in ROLE_PERMISSIONS.items() if permission in granted]
    values = {"now": now, "built_in": built_in, "permission": permission}
    with operator_session(engine) as connection:
        return int(connection.execute(_HOLDERS, values).scalar_one())
