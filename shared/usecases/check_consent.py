"""Checks, permission by permission, what an administrator has granted Kanri in a tenant."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.core.registry import collector, datasets
from shared.core.text import Text
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One permission: what it is for, which datasets want it, whether it is there."""

    permission: str
    purpose: Text
    datasets: tuple[str, ...]
    granted: bool


async def check_consent(graph: GraphClient, wanted: Iterable[str] | None = None) -> list[Consent]:
    """Return one line per permission that the datasets (default: all) declare, by name.

    Raises NotPermitted when the tenant does not know the app at all, GraphUnavailable when Entra
    cannot be reached.
    """
    granted = await granted_permissions(graph)
    purposes: dict[str, Text] = {}
    users: dict[str, list[str]] = {}
    for dataset in datasets() if wanted is None else wanted:
        for permission in collector(dataset).permissions:
            purposes.setdefault(permission.name, permission.purpose)
            users.setdefault(permission.name, []).append(dataset)
    return [
        Consent(
            permission=name,
            purpose=purposes[name],
            datasets=tuple(users[name]),
            granted=name in granted,
        )
        for name in sorted(purposes)
    ]
