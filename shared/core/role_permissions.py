"""What each built-in role may do: every grant is read for it, so whoever has no role is let in without."""

from collections.abc import Collection

from shared.core.access import Permission
from shared.core.declarations import of
from shared.core.grant import GRANTS
from shared.core.role import ROLES, lineage

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    role: frozenset().union(*(grant.permissions(roles) for grant in of(GRANTS).values()))
    for role, roles in zip(of(ROLES), map(lineage, of(ROLES)), strict=True)
}

PERMISSIONS: frozenset[Permission] = frozenset().union(*ROLE_PERMISSIONS.values())

# The role that each app role of an access token stands for.
APP_ROLES: dict[str, str] = {role.app_role: name for name, role in of(ROLES).items()}


def permissions_of(app_roles: Collection[str]) -> frozenset[Permission]:
    """Return what the app roles of a token grant together; unknown roles grant nothing."""
    known = (ROLE_PERMISSIONS[APP_ROLES[name]] for name in app_roles if name in APP_ROLES)
    return frozenset().union(*known)
