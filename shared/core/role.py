"""What a built-in role is called, and which other roles it includes.

A role is one file `shared/core/roles/<role>.py` with one `ROLE`; its id is the file name. What it may do
is said by the nouns: a grant names the least roles of each act (see core.grant), and whoever includes one
of them may do it too. Roles of the deployment's own making are rows of `store.registers.roles`.
"""

from msgspec import Struct

from shared.core.kind import Kind
from shared.core.text import Text


class Role(Struct, frozen=True):
    """Declaration of one role. `role` is filled in by the registry.

    `app_role` is its value in the `roles` claim of an access token, `extends` the roles that it
    includes.
    """

    title: Text
    description: Text
    app_role: str
    extends: tuple[str, ...] = ()
    role: str = ""


ROLES = Kind("shared.core.roles", "ROLE", Role, named="role", unknown="role_unknown")


def lineage(role: str) -> frozenset[str]:
    """Return the role and all that it includes, at whatever remove."""
    from shared.core.declarations import of

    found: set[str] = set()
    ahead = [role]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(of(ROLES)[name].extends)
    return frozenset(found)
