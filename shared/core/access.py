"""Every decision about who may do what: permissions, and where a caller holds what."""

from collections.abc import Collection
from copy import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from shared.core.addresses import covers
from shared.core.clock import written
from shared.core.declarations import of
from shared.core.errors import Forbidden
from shared.core.grant import GRANTS

# `noun:act`, see core.grant.
type Permission = str

# Who operates the deployment, and who administers one tenant of it.
type Authority = Literal["operator", "tenant"]

type SubjectKind = Literal["user", "group", "app", "key"]


class Subject(Struct, frozen=True):
    """Whom rights are given to: a user, group or app by object id in its directory, or an API key.

    `directory` is the Entra tenant, None for a key.
    """

    kind: SubjectKind
    id: UUID
    directory: UUID | None = None


class Hold(Struct, frozen=True):
    """What a caller may, and where: `tenants` None means every tenant, those to come included.

    `via` and `role` say where he has it from; `tag` is the tag of the tenants, if it is by one.
    """

    permissions: frozenset[Permission]
    tenants: frozenset[UUID] | None
    via: Literal["key", "app_role", "membership"] = "key"
    role: str | None = None
    tag: str | None = None

    def covers(self, tenant_id: UUID) -> bool:
        """Tell whether the tenant is among those it is for; says nothing about its existence."""
        return self.tenants is None or tenant_id in self.tenants


class Caller(Struct, frozen=True):
    """Who asks. What he may on a tenant is the union of his `holds` there.

    `name` is a stable id for the log: neither a secret nor a person's name. `key_id` is that of an
    API key and `until` when it ends; None for what is not kept anywhere. `subject` is whom
    memberships are of; None for nobody. `ranges` (CIDR) are those that his key is taken from, None
    for everywhere. `shut` are the tenants that let nobody in from where he comes (`shut_out`).
    """

    kind: Literal["key", "token", "anonymous"]
    name: str
    holds: tuple[Hold, ...]
    until: datetime | None = None
    key_id: UUID | None = None
    subject: Subject | None = None
    ranges: tuple[str, ...] | None = None
    shut: frozenset[UUID] = frozenset()

    @property
    def named_tenants(self) -> frozenset[UUID]:
        """Return the tenants on which he holds something, without those that he has with every other."""
        return frozenset().union(*(hold.tenants or () for hold in self.holds))

    def shut_out(self, tenants: frozenset[UUID]) -> "Caller":
        """Return him holding nothing on `tenants`, but for what he holds on every tenant."""
        if not tenants:
            return self
        holds = (
            hold if hold.tenants is None else replace(hold, tenants=hold.tenants - tenants)
            for hold in self.holds
        )
        return replace(self, holds=tuple(holds), shut=tenants)

    def may(self, permission: Permission, tenant_id: UUID) -> bool:
        """Tell whether he holds the permission on the tenant."""
        return any(permission in hold.permissions and hold.covers(tenant_id) for hold in self.holds)

    def tenants_with(self, permission: Permission) -> frozenset[UUID] | None:
        """Return the tenants on which he holds the permission; None for every tenant."""
        found: set[UUID] = set()
        for hold in self.holds:
            if permission in hold.permissions:
                if hold.tenants is None:
                    return None
                found |= hold.tenants
        return frozenset(found)

    def may_on_all(self, permission: Permission, tenants: Collection[UUID] | None) -> bool:
        """Tell whether he holds the permission on all of `tenants`, None being every tenant."""
        held = self.tenants_with(permission)
        return held is None or (tenants is not None and held.issuperset(tenants))

    def holds_at_all(self, permission: Permission) -> bool:
        """Tell whether he holds the permission on some tenant, or on those with some tag."""
        return any(permission in hold.permissions for hold in self.holds)

    def authority(self, permission: Permission) -> Authority:
        """Tell as whom he does what takes the permission: who may it everywhere is the operator."""
        return "operator" if self.tenants_with(permission) is None else "tenant"

    def sees_personal_data(self, tenant_id: UUID) -> bool:
        """Whether reports show him whose data they hold; else it is masked (see core.masking)."""
        return self.may("report:personal", tenant_id)

    def sees(self, tenant_id: UUID) -> bool:
        """Tell whether he holds anything on the tenant; says nothing about its existence."""
        return any(hold.covers(tenant_id) for hold in self.holds)


ANYONE = Caller("anonymous", "anonymous", ())


def is_permission(name: str) -> bool:
    """Tell whether `name` is a permission: an act of a noun that has a grant."""
    noun, _, act = name.partition(":")
    return noun in of(GRANTS) and act in of(GRANTS)[noun].acts


def known_permissions(names: Collection[str]) -> frozenset[Permission]:
    """Return those of `names` that are permissions."""
    return frozenset(name for name in names if is_permission(name))


def require(caller: Caller, permission: Permission) -> None:
    """Raise Forbidden unless the caller holds `permission` somewhere."""
    if not caller.holds_at_all(permission):
        raise Forbidden("permission_missing", permission=permission)


def require_on(caller: Caller, permission: Permission, tenant_id: UUID) -> None:
    """Raise Forbidden unless he holds it on the tenant; the same whether or not that exists."""
    require(caller, permission)
    _require_sees(caller, tenant_id)
    if not caller.may(permission, tenant_id):
        raise Forbidden("permission_missing", permission=permission)


def _require_sees(caller: Caller, tenant_id: UUID) -> None:
    if caller.sees(tenant_id):
        return
    if tenant_id in caller.shut:
        raise Forbidden("address_not_allowed")
    raise Forbidden("tenant_forbidden", parameter="tenant")


def require_everywhere(caller: Caller, permission: Permission) -> None:
    """Raise Forbidden unless he holds it on every tenant."""
    require(caller, permission)
    if caller.tenants_with(permission) is not None:
        raise Forbidden("scope_too_narrow")


def require_holds(
    caller: Caller, permissions: Collection[Permission], tenants: Collection[UUID] | None
) -> None:
    """Raise Forbidden unless he holds all of them on all of `tenants`, None being every tenant.

    Who gives away nothing still gives it where he has something.
    """
    for permission in sorted(permissions):
        require(caller, permission)
    if tenants is None and not any(hold.tenants is None for hold in caller.holds):
        raise Forbidden("scope_too_narrow")
    for tenant_id in tenants or ():
        _require_sees(caller, tenant_id)
    for permission in sorted(permissions):
        if tenants is None:
            require_everywhere(caller, permission)
        for tenant_id in tenants or ():
            require_on(caller, permission, tenant_id)


def require_narrower(caller: Caller, ranges: Collection[str] | None) -> None:
    """Raise Forbidden if a key that is taken from `ranges` is taken where the caller's own is not."""
    if caller.ranges is None:
        return
    if ranges is None or not all(covers(caller.ranges, one) for one in ranges):
        limit = ", ".join(caller.ranges)
        raise Forbidden("ranges_too_wide", parameter="ranges", limit=limit)


def require_lasting(caller: Caller, until: datetime | None) -> None:
    """Raise Forbidden if what ends at `until`, None for never, would outlive the caller's key."""
    if caller.until is not None and (until is None or until > caller.until):
        raise Forbidden("expiry_too_late", parameter="expiresAt", limit=written(caller.until))
