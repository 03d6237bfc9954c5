"""Says of a tenant that something is asked about whether it is there; a removed one counts as unknown."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.errors import NotFound

if TYPE_CHECKING:
    from shared.core.coverage import TenantState


def check_connected(tenant_id: UUID, state: "TenantState | None") -> None:
    """Raise NotFound unless `state` is that of a connected tenant; None stands for an unknown one."""
    check_known(tenant_id, None if state == "removed" else state)


def check_known(tenant_id: UUID, state: "TenantState | None") -> None:
    """Raise NotFound if the tenant was never added; one that has been removed is known."""
    if state is None:
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
