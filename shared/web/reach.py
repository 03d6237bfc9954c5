"""Whose figures a caller is shown where no tenant stands in the path: the one named, or all he may.

What the front does for a tenant in the path is done here for each: the right to it. A tenant that does
not let the caller in from where he comes the front has left out. Who holds the permission on every tenant
is the operator, whom no tenant shuts out; to him alone belongs what is of no tenant, the deployment itself.
"""

from dataclasses import dataclass
from uuid import UUID

from shared.core import access
from shared.core.access import Permission
from shared.core.errors import NotFound
from shared.core.settings import storage_place
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.store.registers.reach import ReachedTenant, reached_tenants
from shared.usecases.deployment_view import DeploymentView
from shared.web.route import Call, Parameter, as_guid

TENANT = Parameter(
    "tenant",
    Text(
        "Only this tenant; zeros for the deployment itself. All that you may see if absent.",
        "このテナントのみ (0 のみの GUID は展開全体)。省略時は参照可能なすべて。",
    ),
    {"type": "string", "format": "uuid"},
    codes=("guid_expected",),
)
REFUSES: dict[int, tuple[str, ...]] = {403: ("tenant_forbidden",), 404: ("tenant_unknown",)}


@dataclass(frozen=True, slots=True)
class Reach:
    """The tenants, removed ones included, and whether the deployment itself is among what is shown."""

    tenants: tuple[ReachedTenant, ...]
    deployment: bool
    named: UUID | None

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Return the id of each, the deployment's included, in order."""
        own = (DEPLOYMENT,) if self.deployment else ()
        return (*own, *(tenant.tenant_id for tenant in self.tenants))


def reach_of(call: Call, permission: Permission) -> Reach:
    """Return what the caller is shown; Forbidden or NotFound for a tenant that he names in vain."""
    text = call.request.query.get("tenant")
    named = None if text is None else as_guid("tenant", text)
    if named is not None:
        access.require_on(call.caller, permission, named)
    reach = call.caller.tenants_with(permission)
    only = reach if named is None else {named}
    found = reached_tenants(call.doors.engine, only)
    if reach is None:
        if named not in (None, DEPLOYMENT) and not found:
            raise NotFound("tenant_unknown", parameter="tenant", value=str(named))
        return Reach(tuple(found), named in (None, DEPLOYMENT), named)
    if named is not None and not found:
        raise NotFound("tenant_unknown", parameter="tenant", value=str(named))
    return Reach(tuple(found), deployment=False, named=named)


def sight_of(call: Call, reach: Reach) -> DeploymentView:
    """Return what those look through who tell how Kanri stands, for the tenants in reach."""
    return DeploymentView(
        engine=call.doors.engine,
        settings=call.doors.settings(),
        storage=storage_place().connection,
        tenants=reach.tenants,
        now=call.now,
    )
