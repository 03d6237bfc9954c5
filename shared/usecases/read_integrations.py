"""Tells how everything fares that Kanri is connected to, for the tenants that a caller may see."""

from typing import NamedTuple

from shared.core.integration import INTEGRATIONS, AnyIntegration, Connection
from shared.core.registry import of
from shared.usecases.deployment_view import DeploymentView


class Told(NamedTuple):
    """An integration, and one of its connections."""

    integration: AnyIntegration
    connection: Connection


def read_integrations(
    view: DeploymentView, *, deployment: bool, name: str | None = None
) -> list[Told]:
    """Return the connections, by integration and tenant; those of the deployment if `deployment`.

    `name` for one integration alone. Raises StoreUnavailable.
    """
    integrations = of(INTEGRATIONS)
    wanted = integrations if name is None else (name,)
    found = [
        Told(one, connection)
        for one in (integrations[each] for each in wanted)
        if one.of_tenants or deployment
        for connection in one.look(view)
    ]
    return sorted(found, key=lambda one: (one[0].name, str(one[1].tenant_id or "")))
