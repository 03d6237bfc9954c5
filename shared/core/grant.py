"""What the API lets callers do with a noun, and which roles are the least that may.

A grant is one file `shared/core/grants/<noun>.py` with one `GRANT`; the noun is the file name. Its
permissions are `noun:act`. `shared.core.access` decides by them.
"""

from collections.abc import Collection, Mapping

from msgspec import Struct

from shared.core.kind import Kind


class Grant(Struct, frozen=True):
    """Declaration of one noun: each act with its least role, or several of which none includes another.

    Roles are those of `core.role`. `noun` is filled in by the registry.
    """

    acts: Mapping[str, str | tuple[str, ...]]
    noun: str = ""

    def least(self) -> frozenset[str]:
        """Return the roles that are named."""
        return frozenset(role for roles in self.acts.values() for role in _several(roles))

    def permissions(self, roles: Collection[str]) -> frozenset[str]:
        """Return what who has `roles`, with all that they include, may do with the noun."""
        return frozenset(
            f"{self.noun}:{act}"
            for act, least in self.acts.items()
            if not set(_several(least)).isdisjoint(roles)
        )


def _several(roles: str | tuple[str, ...]) -> tuple[str, ...]:
    return (roles,) if isinstance(roles, str) else roles


GRANTS = Kind("shared.core.grants", "GRANT", Grant, named="noun")
