"""Checks, permission by permission, what an administrator has granted Kanri in a tenant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.core.collector import Permission
from shared.core.registry import collector, datasets
from shared.core.text import Text
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One permission: what it is for, which datasets want it, by which grant it is there, if any."""

    permission: str
    purpose: Text
    datasets: tuple[str, ...]
    granted_by: str | None

    @property
    def granted(self) -> bool:
        """Whether the app may do what the permission is for."""
        return self.granted_by is not None


async def check_consent(
    graph: GraphClient,
    wanted: Iterable[str] | None = None,
    seen: Callable[[frozenset[str]], None] | None = None,
) -> list[Consent]:
    """Return one line per permission that the datasets (default: all) declare, by name.

    Raises NotPermitted when the tenant does not know the app at all, GraphUnavailable when Entra
    cannot be reached.
    `seen` is told all that is granted, what no dataset wants included.
    """
    granted = await granted_permissions(graph)
    if seen is not None:
        seen(granted)
    return judge_consent(granted, wanted)


def judge_consent(granted: frozenset[str], wanted: Iterable[str] | None = None) -> list[Consent]:
    """Return one line per permission that the datasets (default: all) declare, by name."""
    wants: dict[str, Permission] = {}
    users: dict[str, list[str]] = {}
    for dataset in datasets() if wanted is None else wanted:
        for permission in collector(dataset).permissions:
            wants.setdefault(permission.name, permission)
            users.setdefault(permission.name, []).append(dataset)
    return [
        Consent(
            permission=name,
            purpose=wants[name].purpose,
            datasets=tuple(users[name]),
            granted_by=next((g for g in (name, *wants[name].covered_by) if g in granted), None),
        )
        for name in sorted(wants)
    ]
