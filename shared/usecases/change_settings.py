"""Changes what a tenant has set for itself; what is switched on or off is due at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.registry import collector, datasets

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.tenant_settings import OwnSettings


def change_settings(
    engine: "Engine",
    tenant_id: UUID,
    thresholds: Mapping[str, int | None],
    switches: Mapping[str, bool],
    now: datetime,
    check: "Callable[[OwnSettings], None]",
) -> "OwnSettings":
    """Set thresholds, switch costly datasets on (True) and off; return all that is set then.

    `check` is asked about what is set; what it raises changes nothing. The schedule begins soon what
    is read now and was not, and a run of what no longer is, which says so.
    """
    from shared.store.registers.tenant_settings import TenantSettings
    from shared.store.session.joining import joined
    from shared.store.work.runs import Runs

    with joined(engine):
        own = TenantSettings(engine)
        before, after = own.change(tenant_id, thresholds, switches, check=check)
        moved = [
            name
            for name in (datasets() if switches else ())
            if collector(name).is_on(before.switched_on) != collector(name).is_on(after.switched_on)
        ]
        if moved:
            Runs(engine).make_due(tenant_id, moved, now)
    return after
