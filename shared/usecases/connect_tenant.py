"""Connects a tenant: what it has consented to, its name, its place in the list."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import clock
from shared.core.coverage import REFUSED
from shared.core.errors import BadRequest, Conflict, GraphError, NotPermitted
from shared.core.logs import log
from shared.core.names import plain_name
from shared.store.registers.tenants import Tenant, Tenants
from shared.store.work.runs import Runs
from shared.usecases.check_consent import Consent, check_consent
from shared.usecases.note_consent import note_consent

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.graph.client import GraphClient


# https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
_NO_SUCH_TENANT = frozenset({"invalid_tenant", "AADSTS90002", "AADSTS900021", "AADSTS900023"})
_NO_SUCH_APP = frozenset({"AADSTS700016", "AADSTS7000229", "AADSTS65001"})


async def connect_tenant(
    engine: "Engine", graph: "GraphClient", tenant_id: UUID, display_name: str | None
) -> tuple[Tenant, list[Consent]]:
    """Add the tenant (again) and return it with its consent, permission by permission.

    A tenant that lacks permissions is added all the same: its other datasets can be collected.
    It adds nothing and raises BadRequest when Entra knows no such tenant, Conflict when the tenant
    does not know the app at all, NotPermitted when Entra refuses for another reason.
    """
    try:
        granted: list[frozenset[str]] = []
        consent = await check_consent(graph, seen=granted.append)
        # Added once: a second time could undo a pause or a removal that came in between.
        name = display_name or await _own_name(graph) or str(tenant_id)
        tenant = await asyncio.to_thread(Tenants(engine).add, tenant_id, name)
        await asyncio.to_thread(note_consent, engine, tenant_id, granted[0], clock.now())
        await asyncio.to_thread(_ask_again, engine, tenant_id)
    except NotPermitted as error:
        reason = error.params.get("reason")
        if reason in _NO_SUCH_TENANT:
            raise BadRequest(
                "tenant_not_in_entra", parameter="tenantId", value=str(tenant_id)
            ) from None
        if reason in _NO_SUCH_APP:
            raise Conflict(
                "app_not_in_tenant", parameter="tenantId", value=str(tenant_id), reason=reason
            ) from None
        raise
    finally:
        await graph.aclose()
    return tenant, consent


def _ask_again(engine: "Engine", tenant_id: UUID) -> None:
    """Let what was refused be asked for soon: who grants or buys what was missing connects once more."""
    Runs(engine).ask_again(tenant_id, REFUSED, clock.now())


async def _own_name(graph: "GraphClient") -> str | None:
    """The organisation's name; None if the tenant does not let us read it: its id will do then."""
    import msgspec

    url = f"{graph.endpoint}/v1.0/organization?$select=displayName"
    try:
        document = msgspec.json.decode(await graph.read(url, bucket="directory"))
        return plain_name(str(document["value"][0]["displayName"]))
    except (GraphError, msgspec.DecodeError, LookupError, TypeError) as error:
        log("organization_unreadable", error=type(error).__name__)
        return None
