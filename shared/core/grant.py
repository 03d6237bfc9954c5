"""What the API lets callers do with a noun, and which app role is the least that may.

A grant is one file `shared/core/grants/<noun>.py` with one `GRANT`; the noun is the file name. Its
permissions are `noun:act`. `shared.core.access` decides by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.core.kind import Kind

# App roles of Kanri's app registration, as they stand in the `roles` claim of an access token; each
# may do what those before it may.
type Role = Literal["Kanri.MaskedReader", "Kanri.Reader", "Kanri.Operator", "Kanri.Admin"]
ASCENDING: tuple[Role, ...] = (
    "Kanri.MaskedReader",
    "Kanri.Reader",
    "Kanri.Operator",
    "Kanri.Admin",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """Declaration of one noun: each act with its least role. `noun` is filled in by the registry."""

    acts: Mapping[str, Role]
    noun: str = field(default="", compare=False)

    def permissions(self, role: Role) -> frozenset[str]:
        """Return what `role` may do with the noun."""
        rank = ASCENDING.index(role)
        allowed = (act for act, least in self.acts.items() if ASCENDING.index(least) <= rank)
        return frozenset(f"{self.noun}:{act}" for act in allowed)


GRANTS = Kind("shared.core.grants", "GRANT", Grant, named="noun")
