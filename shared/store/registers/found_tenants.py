"""The tenant in a path, as one expression of SQL: it goes along with the question who asks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Engine

from shared.core import clock
from shared.core.addresses import AddressLists
from shared.core.coverage import TenantState
from shared.core.found_tenant import FoundTenant
from shared.store.registers.known_access import LONGEST
from shared.store.session.sessions import ask_as_operator

# JSON, null for a tenant that was never added. It takes %(tenant)s.
FOUND_TENANT: LiteralString = """(
    SELECT jsonb_build_object('state', asked.state, 'allowed', a.allowed, 'denied', a.denied)
    FROM kanri.tenants asked LEFT JOIN kanri.tenant_addresses a USING (tenant_id)
    WHERE asked.tenant_id = %(tenant)s
)"""


# Of the directory of a token.
_STATE: LiteralString = """
    SELECT kanri.access_version() AS version,
        (SELECT state FROM kanri.tenants WHERE tenant_id = %(tenant)s) AS state
"""


class FoundState(Struct, frozen=True):
    """How a tenant stands, None for one that was never added; as `known_access` remembers it."""

    state: TenantState | None
    version: int
    until: datetime


def state_of(engine: Engine, tenant_id: UUID) -> FoundState:
    """Return the state of a tenant, in one round trip; that there is none is not remembered."""
    [found] = ask_as_operator(engine, _STATE, {"tenant": tenant_id})
    lasts = timedelta(0) if found.state in (None, "removed") else LONGEST
    return FoundState(found.state, found.version, clock.now() + lasts)


def found_tenant(found: Mapping[str, Any] | None) -> FoundTenant | None:
    """Return what an answer of FOUND_TENANT says."""
    if found is None:
        return None
    lists = AddressLists(tuple(found["allowed"] or ()), tuple(found["denied"] or ()))
    return FoundTenant(found["state"], lists)
