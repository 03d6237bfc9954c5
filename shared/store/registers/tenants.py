"""The tenants Kanri serves: add, list, pause, resume, remove, purge; who paused one, may resume it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    case,
    delete,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from shared.core import clock
from shared.core.access import Authority
from shared.core.act import tell
from shared.core.coverage import TenantState
from shared.core.errors import Forbidden, NotFound
from shared.store.registers.api_keys import end_keys_of
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.readers import READERS
from shared.store.registers.tenant_table import TENANTS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session, tenant_session


@dataclass(frozen=True, slots=True)
class Tenant:
    """One Microsoft 365 tenant; instants are UTC. `paused_by` is None unless it is paused."""

    tenant_id: UUID
    display_name: str
    state: TenantState
    paused_by: Authority | None
    added_at: datetime
    updated_at: datetime
    tags: tuple[str, ...]


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
            paused_by=None,
            added_at=now,
            updated_at=now,
        )
        new = row.excluded
        upsert = row.on_conflict_do_update(
            index_elements=[TENANTS.c.tenant_id],
            set_={
                "display_name": new.display_name,
                "state": new.state,
                "paused_by": None,
                "updated_at": new.updated_at,
            },
        ).returning(TENANTS)
        with operator_session(self._engine) as connection:
            before = _locked(connection, tenant_id)
            tenant = _tenant(connection.execute(upsert).one())
            _tell(before, tenant)
        return tenant

    def get(self, tenant_id: UUID) -> Tenant:
        """Return one tenant, also a removed one; NotFound if it was never added."""
        query = select(TENANTS).where(TENANTS.c.tenant_id == tenant_id)
        with tenant_session(self._engine, tenant_id) as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        return _tenant(row)

    def all(
        self,
        limit: int | None = None,
        after: tuple[str, UUID] | None = None,
        *,
        only: Collection[UUID] | None = None,
        include_removed: bool = False,
    ) -> list[Tenant]:
        """Return the tenants by name, from after `after` on (its name and id), or `only` some."""
        name, tenant_id = func.lower(TENANTS.c.display_name), TENANTS.c.tenant_id
        query = select(TENANTS).order_by(name, tenant_id).limit(limit)
        if not include_removed:
            query = query.where(TENANTS.c.state != "removed")
        if only is not None:
            query = query.where(tenant_id.in_(only))
        if after is not None:
            query = query.where(tuple_(name, tenant_id) > tuple_(func.lower(after[0]), after[1]))
        with operator_session(self._engine) as connection:
            return [_tenant(row) for row in connection.execute(query)]

    def set_state(self, tenant_id: UUID, state: TenantState, by: Authority = "operator") -> Tenant:
        """Pause, resume or remove a tenant; its data stays, credentials end with its removal.

        NotFound if it was never added, or has been removed and is to be paused or resumed: only
        `add` brings it back. Forbidden if the tenant's administrator resumes what the operator has
        paused. An operator's pause stays one when the administrator pauses too.
        """
        operators = TENANTS.c.paused_by == "operator"
        allowed = TENANTS.c.tenant_id == tenant_id
        if state != "removed":
            allowed &= TENANTS.c.state != "removed"
        if state == "active" and by == "tenant":
            allowed &= or_(TENANTS.c.paused_by.is_(None), ~operators)
        paused_by = case((operators, "operator"), else_=by) if state == "paused" else null()
        values: dict[str, object] = {
            "state": state,
            "paused_by": paused_by,
            "updated_at": clock.now(),
        }
        if state == "removed":
            values["tags"] = []
        change = update(TENANTS).where(allowed).values(values).returning(TENANTS)
        with operator_session(self._engine) as connection:
            if state == "removed":
                take_turns(connection)
                end_keys_of(connection, tenant_id)
                connection.execute(delete(READERS).where(READERS.c.tenant_id == tenant_id))
                only_here = MEMBERSHIPS.c.scope_tenant == tenant_id
                connection.execute(delete(MEMBERSHIPS).where(only_here))
            before = _locked(connection, tenant_id)
            row = connection.execute(change).first()
            if row is not None:
                _tell(before, _tenant(row))
        if row is None:
            if self.get(tenant_id).state == "paused":
                raise Forbidden("paused_by_operator", parameter="tenant")
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        return _tenant(row)


def _locked(connection: Connection, tenant_id: UUID) -> Tenant | None:
    """Return the tenant, which nobody else changes before the end of the transaction."""
    query = select(TENANTS).filter_by(tenant_id=tenant_id).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _tenant(row)


def _tell(before: Tenant | None, after: Tenant) -> None:
    tell(
        tenant_id=after.tenant_id,
        before=None if before is None else _standing(before),
        after=_standing(after),
    )


def _standing(tenant: Tenant) -> dict[str, object]:
    paused = {"pausedBy": tenant.paused_by} if tenant.paused_by else {}
    return {"state": tenant.state, **paused}


def _tenant(row: Row[tuple[object, ...]]) -> Tenant:
    return Tenant(
        tenant_id=row.tenant_id,
        display_name=row.display_name,
        state=cast("TenantState", row.state),
        paused_by=cast("Authority | None", row.paused_by),
        added_at=row.added_at,
        updated_at=row.updated_at,
        tags=tuple(row.tags),
    )
