"""When each audit chain was last verified, and whether it was intact."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Engine, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

# No column is called tenant_id: a chain outlives its tenant's data, and so does what was seen of it.
AUDIT_VERIFICATIONS = Table(
    "audit_verifications",
    METADATA,
    Column("chain", Uuid, primary_key=True),
    Column("verified_at", INSTANT, nullable=False),
    Column("intact", Boolean, nullable=False),
    Column("events", BigInteger, nullable=False),
)


class LastVerification(NamedTuple):
    """What the last verification of a chain (a tenant's, or the deployment's) found."""

    chain: UUID
    verified_at: datetime
    intact: bool
    events: int


class Verifications:
    """The last verification of each chain."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, last: LastVerification) -> None:
        """Keep it in the place of an older one. Raises StoreUnavailable."""
        row = insert(AUDIT_VERIFICATIONS).values(**last._asdict())
        newer = AUDIT_VERIFICATIONS.c.verified_at < row.excluded.verified_at
        upsert = row.on_conflict_do_update(
            index_elements=[AUDIT_VERIFICATIONS.c.chain],
            set_={name: row.excluded[name] for name in ("verified_at", "intact", "events")},
            where=newer,
        )
        with operator_session(self._engine) as connection:
            connection.execute(upsert)

    def of(self, chains: Collection[UUID]) -> dict[UUID, LastVerification]:
        """Return those there are. Raises StoreUnavailable."""
        query = select(AUDIT_VERIFICATIONS).where(AUDIT_VERIFICATIONS.c.chain.in_(chains))
        with operator_session(self._engine) as connection:
            return {row.chain: LastVerification(*row) for row in connection.execute(query)}
