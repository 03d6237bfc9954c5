"""The tenant in a path, as one expression of SQL: it goes along with the question who asks."""

from collections.abc import Mapping
from typing import Any, LiteralString

from shared.core.addresses import AddressLists
from shared.core.found_tenant import FoundTenant

# JSON, null for a tenant that was never added. It takes %(tenant)s.
FOUND_TENANT: LiteralString = """(
    SELECT jsonb_build_object('state', asked.state, 'allowed', a.allowed, 'denied', a.denied)
    FROM kanri.tenants asked LEFT JOIN kanri.tenant_addresses a USING (tenant_id)
    WHERE asked.tenant_id = %(tenant)s
)"""


def found_tenant(found: Mapping[str, Any] | None) -> FoundTenant | None:
    """Return what an answer of FOUND_TENANT says."""
    if found is None:
        return None
    lists = AddressLists(tuple(found["allowed"] or ()), tuple(found["denied"] or ()))
    return FoundTenant(found["state"], lists)
