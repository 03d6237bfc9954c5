"""Keeps what a tenant has granted, and lets what was refused without it be asked for at once."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.coverage import REFUSED
from shared.core.registry import collector, datasets
from shared.store.registers.consents import Consents

if TYPE_CHECKING:
    from sqlalchemy import Engine


def note_consent(
    engine: "Engine", tenant_id: UUID, granted: Collection[str], now: datetime
) -> None:
    """Keep it. What wants a permission that was not granted when somebody last looked is due if it was
    refused last: it would be a day later. Raises StoreUnavailable.
    """
    from shared.store.session.joining import joined
    from shared.store.work.runs import Runs

    with joined(engine):
        fresh = Consents(engine).note(tenant_id, granted, now)
        served = [name for name in datasets() if fresh & _wanted(name)]
        if served:
            Runs(engine).ask_again(tenant_id, REFUSED, now, served)


def _wanted(dataset: str) -> frozenset[str]:
    """Return the permissions each of which lets something of the dataset be read."""
    needed = collector(dataset).permissions
    return frozenset(name for one in needed for name in (one.name, *one.covered_by))
