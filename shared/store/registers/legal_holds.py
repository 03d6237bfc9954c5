"""Legal holds: while one lasts, nothing that it covers is thinned, dropped, erased or purged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, Engine, Row, Table, Text, Uuid, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from shared.core.act import tell
from shared.core.errors import Conflict, NotFound
from shared.store.registers.tenant_table import TENANTS
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

LEGAL_HOLDS = Table(
    "legal_holds",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("hold_id", Uuid, primary_key=True),
    Column("datasets", ARRAY(Text)),
    Column("reason", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    Column("lifted_by", Text),
    Column("lifted_at", INSTANT),
)


@dataclass(frozen=True, slots=True)
class LegalHold:
    """One hold; `datasets` None means all of them, those to come included."""

    hold_id: UUID
    datasets: tuple[str, ...] | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None

    @property
    def lasts(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None


class LegalHolds:
    """The holds of one tenant."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant_id = engine, tenant_id

    def all(self) -> list[LegalHold]:
        """Return them, newest first, those that were lifted too."""
        query = select(LEGAL_HOLDS).filter_by(tenant_id=self._tenant_id)
        query = query.order_by(LEGAL_HOLDS.c.placed_at.desc(), LEGAL_HOLDS.c.hold_id)
        with tenant_session(self._engine, self._tenant_id) as connection:
            return [_hold(row) for row in connection.execute(query)]

    def get(self, hold_id: UUID) -> LegalHold:
        """Return one; NotFound if the tenant has no such hold."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            return self._found(connection, hold_id)

    def place(
        self, datasets: Sequence[str] | None, reason: str, by: str, now: datetime
    ) -> LegalHold:
        """Place a hold; whatever is deleting just now has ended its step by then, and begins no other."""
        row = {
            "tenant_id": self._tenant_id,
            "hold_id": uuid4(),
            "datasets": None if datasets is None else sorted(set(datasets)),
            "reason": reason,
            "placed_by": by,
            "placed_at": now,
        }
        with tenant_session(self._engine, self._tenant_id) as connection:
            # Who deletes shares this lock for as long as each of his transactions lasts.
            tenant = select(TENANTS.c.state).filter_by(tenant_id=self._tenant_id)
            connection.execute(tenant.with_for_update())
            placed = connection.execute(insert(LEGAL_HOLDS).values(row).returning(LEGAL_HOLDS))
            hold = _hold(placed.one())
            tell(target=f"hold:{hold.hold_id}", after={"datasets": row["datasets"] or "all"})
        return hold

    def lift(self, hold_id: UUID, by: str, now: datetime) -> LegalHold:
        """End a hold; Conflict if it was lifted before, NotFound if there is none."""
        own = {"tenant_id": self._tenant_id, "hold_id": hold_id}
        with tenant_session(self._engine, self._tenant_id) as connection:
            change = update(LEGAL_HOLDS).filter_by(**own).where(LEGAL_HOLDS.c.lifted_at.is_(None))
            lifted = change.values(lifted_by=by, lifted_at=now).returning(LEGAL_HOLDS)
            row = connection.execute(lifted).first()
            if row is None:
                self._found(connection, hold_id)
                raise Conflict("hold_lifted", parameter="id", value=str(hold_id))
            tell(target=f"hold:{hold_id}", after={"lifted": True})
            return _hold(row)

    def _found(self, connection: Connection, hold_id: UUID) -> LegalHold:
        query = select(LEGAL_HOLDS).filter_by(tenant_id=self._tenant_id, hold_id=hold_id)
        row = connection.execute(query).first()
        if row is None:
            raise NotFound("hold_unknown", parameter="id", value=str(hold_id))
        return _hold(row)


def holds_in_force(connection: Connection, tenant_id: UUID) -> list[LegalHold]:
    """Return the holds that last. Who deletes for them to be seen holds the tenant's row meanwhile."""
    query = select(LEGAL_HOLDS).filter_by(tenant_id=tenant_id)
    rows = connection.execute(query.where(LEGAL_HOLDS.c.lifted_at.is_(None)))
    return [_hold(row) for row in rows]


def hold_tenant(connection: Connection, tenant_id: UUID) -> str:
    """Keep the tenant as it is, and holds from being placed, until the end of the transaction.

    Return its state; NotFound if it was never added.
    """
    query = select(TENANTS.c.state).filter_by(tenant_id=tenant_id).with_for_update(read=True)
    state: str | None = connection.execute(query).scalar()
    if state is None:
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
    return state


def is_held(dataset: str, holds: Sequence[LegalHold]) -> bool:
    """Tell whether one of the holds covers the dataset."""
    return any(one.datasets is None or dataset in one.datasets for one in holds)


def require_no_hold(connection: Connection, tenant_id: UUID) -> None:
    """Raise Conflict if anything of the tenant is held."""
    if holds := holds_in_force(connection, tenant_id):
        named = ", ".join(str(one.hold_id) for one in holds)
        raise Conflict("tenant_on_hold", parameter="tenant", value=str(tenant_id), holds=named)


def _hold(row: Row[tuple[object, ...]]) -> LegalHold:
    return LegalHold(
        hold_id=row.hold_id,
        datasets=None if row.datasets is None else tuple(row.datasets),
        reason=row.reason,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )
