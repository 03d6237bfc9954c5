"""Every decision about who may do what: permissions, what a role grants, which tenants a caller sees."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.core.clock import written
from shared.core.errors import Forbidden
from shared.core.grant import ASCENDING, GRANTS
from shared.core.registry import of

# `noun:act`, one of PERMISSIONS.
type Permission = str

# Who operates the deployment, and who administers one tenant of it.
type Authority = Literal["operator", "tenant"]

# What each app role may do.
ROLES: dict[str, frozenset[Permission]] = {
    role: frozenset().union(*(grant.permissions(role) for grant in of(GRANTS).values()))
    for role in ASCENDING
}

PERMISSIONS: frozenset[Permission] = ROLES[ASCENDING[-1]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `tenants` None means every tenant; `name` is a stable id for the log: neither a
    secret nor a person's name.

    `key_id` is that of an API key and `until` when it ends; None for what is not kept anywhere.
    """

    kind: Literal["key", "token", "anonymous"]
    name: str
    permissions: frozenset[Permission]
    tenants: frozenset[UUID] | None
    until: datetime | None = None
    key_id: UUID | None = None

    @property
    def authority(self) -> Authority:
        """Every tenant is the operator's scope; whoever is limited to some administers those."""
        return "operator" if self.tenants is None else "tenant"

    @property
    def sees_personal_data(self) -> bool:
        """Whether reports show him whose data they hold; else it is masked (see core.masking)."""
        return "report:personal" in self.permissions

    def sees(self, tenant_id: UUID) -> bool:
        """Tell whether the tenant lies in the caller's scope; says nothing about its existence."""
        return self.tenants is None or tenant_id in self.tenants


ANYONE = Caller("anonymous", "anonymous", frozenset(), frozenset())


def permissions_of(roles: Collection[str]) -> frozenset[Permission]:
    """Return what the app roles grant together; unknown roles grant nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def known_permissions(names: Collection[str]) -> frozenset[Permission]:
    """Return those of `names` that are permissions."""
    return frozenset(permission for permission in PERMISSIONS if permission in names)


def require(caller: Caller, permission: Permission) -> None:
    """Raise Forbidden unless the caller holds `permission`."""
    if permission not in caller.permissions:
        raise Forbidden("permission_missing", permission=permission)


def require_tenant(caller: Caller, tenant_id: UUID) -> None:
    """Raise Forbidden for a tenant out of scope, the same whether or not it exists."""
    if not caller.sees(tenant_id):
        raise Forbidden("tenant_forbidden", parameter="tenant")


def require_every_tenant(caller: Caller) -> None:
    """Raise Forbidden unless the caller's scope is all tenants."""
    if caller.tenants is not None:
        raise Forbidden("scope_too_narrow")


def require_grantable(
    caller: Caller,
    permissions: Collection[Permission],
    tenants: Collection[UUID] | None,
    until: datetime,
) -> None:
    """Raise Forbidden if a key with these rights could do more than the caller, or outlive his key."""
    if caller.until is not None and until > caller.until:
        raise Forbidden("expiry_too_late", parameter="expiresAt", limit=written(caller.until))
    for permission in permissions:
        require(caller, permission)
    if tenants is None:
        require_every_tenant(caller)
    for tenant_id in tenants or ():
        require_tenant(caller, tenant_id)
