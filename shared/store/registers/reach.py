"""Which tenants a caller reaches who names none: those he may ask about, from where he comes."""

from collections.abc import Collection
from typing import LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from shared.core.addresses import AddressLists
from shared.core.coverage import TenantState
from shared.store.session.sessions import ask_as_operator

_REACHED: LiteralString = """
    SELECT t.tenant_id, t.display_name, t.state, a.allowed, a.denied
    FROM kanri.tenants t LEFT JOIN kanri.tenant_addresses a USING (tenant_id)
    WHERE %(only)s::uuid[] IS NULL OR t.tenant_id = ANY(%(only)s::uuid[])
    ORDER BY t.tenant_id
"""


class ReachedTenant(NamedTuple):
    """A tenant that was added once, removed ones included, and from where callers may ask about it."""

    tenant_id: UUID
    state: TenantState
    lists: AddressLists
    name: str


def reached_tenants(engine: Engine, only: Collection[UUID] | None) -> list[ReachedTenant]:
    """Return the tenants there are among `only` (None for all), by id. Raises StoreUnavailable."""
    found = ask_as_operator(engine, _REACHED, {"only": None if only is None else list(only)})
    return [
        ReachedTenant(
            row.tenant_id,
            row.state,
            AddressLists(tuple(row.allowed or ()), tuple(row.denied or ())),
            row.display_name,
        )
        for row in found
    ]
