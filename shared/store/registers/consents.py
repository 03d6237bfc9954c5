"""What each tenant was last seen to have consented to, whenever somebody looked."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, Engine, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from shared.store.registers.tenant_table import TENANTS
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session, tenant_session

CONSENTS = Table(
    "consents",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("seen_at", INSTANT, nullable=False),
    Column("granted", ARRAY(Text), nullable=False),
)


class SeenConsent(NamedTuple):
    """The application permissions that a tenant had granted at an instant (UTC)."""

    tenant_id: UUID
    seen_at: datetime
    granted: tuple[str, ...]


class Consents:
    """The consent of each tenant, as it was seen last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, tenant_id: UUID, granted: Collection[str], now: datetime) -> frozenset[str]:
        """Keep what is granted now; nothing of a tenant that is not there, lest a purge leaves a rest.

        Returns what of it was not when somebody last looked.
        Raises StoreUnavailable.
        """
        row = insert(CONSENTS).values(tenant_id=tenant_id, seen_at=now, granted=sorted(granted))
        upsert = row.on_conflict_do_update(
            index_elements=[CONSENTS.c.tenant_id],
            set_={"seen_at": row.excluded.seen_at, "granted": row.excluded.granted},
        )
        known = select(CONSENTS.c.granted).filter_by(tenant_id=tenant_id)
        state = select(TENANTS.c.state).filter_by(tenant_id=tenant_id).with_for_update(read=True)
        with tenant_session(self._engine, tenant_id) as connection:
            if connection.execute(state).scalar_one_or_none() in (None, "removed"):
                return frozenset()
            before = connection.execute(known).scalar_one_or_none()
            connection.execute(upsert)
        return frozenset(granted) - frozenset(before or ())

    def of(self, tenants: Collection[UUID]) -> dict[UUID, SeenConsent]:
        """Return those there are. Raises StoreUnavailable."""
        query = select(CONSENTS).where(CONSENTS.c.tenant_id.in_(tenants))
        with operator_session(self._engine) as connection:
            return {
                row.tenant_id: SeenConsent(row.tenant_id, row.seen_at, tuple(row.granted))
                for row in connection.execute(query)
            }
