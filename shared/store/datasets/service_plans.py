"""Which service plans a tenant owns, as its licences were read last."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine

from shared.store.session.sessions import ask_as_tenant

_OWNED = """
    SELECT EXISTS (
        SELECT FROM data.service_plans p
        WHERE p.tenant_id = %(tenant)s AND p.valid_until = 'infinity'
            AND p.service_plan_name ^@ ANY(%(beginnings)s::text[])) AS owned
    FROM kanri.work_state s
    WHERE s.tenant_id = %(tenant)s AND s.kind = 'collect' AND s.subject = 'service_plans'
        AND s.complete_at IS NOT NULL
"""


def owns_plan(engine: Engine, tenant_id: UUID, beginnings: Sequence[str]) -> bool | None:
    """Return whether the tenant has a plan whose name begins so; None before they were read to the end."""
    values = {"beginnings": list(beginnings)}
    found = ask_as_tenant(engine, tenant_id, _OWNED, values)
    return bool(found[0].owned) if found else None
