"""Connects a tenant: what it has consented to, its name, its place in the list."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.errors import GraphError
from shared.core.logs import log
from shared.usecases.check_consent import Consent, check_consent

if TYPE_CHECKING:
    from shared.graph.client import GraphClient
    from shared.store.tenants import Tenant, Tenants


async def connect_tenant(
    tenants: "Tenants", graph: "GraphClient", tenant_id: UUID, display_name: str | None
) -> "tuple[Tenant, list[Consent]]":
    """Add the tenant (again) and return it with its consent, permission by permission.

    A tenant that lacks permissions is added all the same: its other datasets can be collected.
    Raises NotPermitted, and adds nothing, when the tenant does not know the app at all.
    """
    try:
        consent = await check_consent(graph)
        tenant = await asyncio.to_thread(tenants.add, tenant_id, display_name or str(tenant_id))
        if display_name is None and (name := await _own_name(graph)):
            tenant = await asyncio.to_thread(tenants.add, tenant_id, name)
    finally:
        await graph.aclose()
    return tenant, consent


async def _own_name(graph: "GraphClient") -> str | None:
    """The organisation's name; None if the tenant does not let us read it: its id will do then."""
    import msgspec

    url = f"{graph.endpoint}/v1.0/organization?$select=displayName"
    try:
        document = msgspec.json.decode(await graph.get(url, bucket="directory"))
        return str(document["value"][0]["displayName"])
    except (GraphError, msgspec.DecodeError, LookupError, TypeError) as error:
        log("organization_unreadable", error=type(error).__name__)
        return None
