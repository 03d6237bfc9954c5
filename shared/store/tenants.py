"""The tenants Kanri serves: add, list, pause, remove, purge."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Engine, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from shared.core import clock
from shared.core.coverage import TenantState
from shared.core.errors import Conflict, NotFound
from shared.store.control_tables import BUDGETS, DATASET_STATE, LEDGER, READERS, SEEN_PAGES, TENANTS
from shared.store.sessions import operator_session, tenant_session

_DATASET_TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = CAST('data' AS regnamespace)"
    " AND relkind IN ('r', 'p') ORDER BY relname"
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One Microsoft 365 tenant; instants are UTC."""

    tenant_id: UUID
    display_name: str
    state: TenantState
    added_at: datetime
    updated_at: datetime


class Tenants:
    """The list of tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, tenant_id: UUID, display_name: str) -> Tenant:
        """Add a tenant, or rename it and make it active if it is already known."""
        now = clock.now()
        row = insert(TENANTS).values(
            tenant_id=tenant_id,
            display_name=display_name,
            state="active",
            added_at=now,
            updated_at=now,
        )
        new = row.excluded
        upsert = row.on_conflict_do_update(
            index_elements=[TENANTS.c.tenant_id],
            set_={
                "display_name": new.display_name,
                "state": new.state,
                "updated_at": new.updated_at,
            },
        ).returning(TENANTS)
        with operator_session(self._engine) as connection:
            return _tenant(connection.execute(upsert).one())

    def get(self, tenant_id: UUID) -> Tenant:
        """Return one tenant, also a removed one; NotFound if it was never added."""
        query = select(TENANTS).where(TENANTS.c.tenant_id == tenant_id)
        with tenant_session(self._engine, tenant_id) as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        return _tenant(row)

    def all(self, *, include_removed: bool = False) -> list[Tenant]:
        """Return the tenants by name."""
        query = select(TENANTS).order_by(func.lower(TENANTS.c.display_name), TENANTS.c.tenant_id)
        if not include_removed:
            query = query.where(TENANTS.c.state != "removed")
        with operator_session(self._engine) as connection:
            return [_tenant(row) for row in connection.execute(query)]

    def set_state(self, tenant_id: UUID, state: TenantState) -> Tenant:
        """Pause, resume or remove a tenant; its data stays. NotFound if it was never added."""
        change = (
            update(TENANTS)
            .where(TENANTS.c.tenant_id == tenant_id)
            .values(state=state, updated_at=clock.now())
            .returning(TENANTS)
        )
        with tenant_session(self._engine, tenant_id) as connection:
            row = connection.execute(change).first()
        if row is None:
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        return _tenant(row)

    def purge(self, tenant_id: UUID) -> None:
        """Delete all collected data, state and ledger of a removed tenant; its entry stays.

        Conflict if the tenant is not removed: a worker could be writing. Repeatable.
        """
        if self.get(tenant_id).state != "removed":
            raise Conflict("tenant_not_removed", parameter="tenant", value=str(tenant_id))
        with tenant_session(self._engine, tenant_id) as connection:
            # First, so that a worker still at it is fenced off.
            for table in (DATASET_STATE, SEEN_PAGES, LEDGER, BUDGETS, READERS):
                connection.execute(delete(table).where(table.c.tenant_id == tenant_id))
            names = connection.execute(_DATASET_TABLES).scalars().all()
        for name in names:
            with tenant_session(self._engine, tenant_id) as connection:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                remove = text(f'DELETE FROM data."{name}" WHERE tenant_id = :tenant')  # noqa: S608
                connection.execute(remove, {"tenant": tenant_id})


def _tenant(row: Row[tuple[object, ...]]) -> Tenant:
    return Tenant(
        tenant_id=row.tenant_id,
        display_name=row.display_name,
        state=cast("TenantState", row.state),
        added_at=row.added_at,
        updated_at=row.updated_at,
    )
