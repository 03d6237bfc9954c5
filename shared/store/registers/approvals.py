"""What waits for a second person: who asks for what, with which effect, and how it was decided."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Index,
    Row,
    Table,
    Text,
    Uuid,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.core.act import tell
from shared.core.approval import Effect, Params, digest_of
from shared.core.errors import NotFound
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

type ApprovalState = Literal["waiting", "approved", "rejected", "withdrawn", "expired"]

# No column is called tenant_id: who purges a tenant would purge who approved of it.
APPROVALS = Table(
    "approvals",
    METADATA,
    Column("approval_id", Uuid, primary_key=True),
    Column("action", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("effect", JSONB, nullable=False),
    Column("about", ARRAY(Uuid)),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_for", ARRAY(Text), nullable=False),
    Column("requester_key", Uuid),
    Column("requested_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    Column("comment", Text),
    Column("job_id", Uuid),
    CheckConstraint(
        "state IN ('waiting', 'approved', 'rejected', 'withdrawn', 'expired')",
        "approvals_state_check",
    ),
    Index("approvals_newest", "requested_at", "approval_id"),
)


@dataclass(frozen=True, slots=True)
class Approval:
    """`effect` is what was asked for, as JSON tells it; `about` the tenants it is about, None for all.

    `requested_for` are the requester and those behind his key, who may not decide.
    """

    approval_id: UUID
    action: str
    params: Params
    effect: Mapping[str, Any]
    about: tuple[UUID, ...] | None
    state: ApprovalState
    requested_by: str
    requested_for: frozenset[str]
    requester_key: UUID | None
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None
    job_id: UUID | None

    @property
    def digest(self) -> str:
        """The digest of the effect that was asked for."""
        return digest_of(self.effect)

    def state_at(self, now: datetime) -> ApprovalState:
        """Return its state; one whose time is over has expired, whether or not anybody noted it."""
        return "expired" if self.state == "waiting" and self.expires_at <= now else self.state


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, those behind him, and the key that he comes with."""

    name: str
    persons: frozenset[str]
    key_id: UUID | None


class Approvals:
    """What waits, and what was decided."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(
        self,
        action: str,
        params: Params,
        effect: Effect,
        requester: Requester,
        *,
        now: datetime,
        expires_at: datetime,
    ) -> Approval:
        """Have an action wait; return what waits. The same that waits already is not asked twice."""
        row = {
            "approval_id": uuid4(),
            "action": action,
            "params": dict(params),
            "effect": effect.told(),
            "about": None if effect.tenants is None else list(effect.tenants),
            "state": "waiting",
            "requested_by": requester.name,
            "requested_for": sorted(requester.persons),
            "requester_key": requester.key_id,
            "requested_at": now,
            "expires_at": expires_at,
        }
        same = select(APPROVALS).where(
            APPROVALS.c.action == action,
            APPROVALS.c.params == dict(params),
            APPROVALS.c.requested_by == requester.name,
            APPROVALS.c.effect == effect.told(),
            APPROVALS.c.state == "waiting",
            APPROVALS.c.expires_at > now,
        )
        with operator_session(self._engine) as connection:
            found = connection.execute(same).first()
            if found is None:
                found = connection.execute(insert(APPROVALS).values(row).returning(APPROVALS)).one()
            tell(after={"approval": found.approval_id, "effect": effect.digest})
            return _approval(found)

    def get(self, approval_id: UUID) -> Approval:
        """Return one; NotFound if there is none."""
        with operator_session(self._engine) as connection:
            return _found(connection, approval_id)

    def hold(self, approval_id: UUID) -> Approval:
        """Return one that nobody else decides before the end of the transaction (`joined`)."""
        with operator_session(self._engine) as connection:
            return _found(connection, approval_id, alone=True)

    def all(
        self,
        limit: int | None = None,
        before: tuple[datetime, UUID] | None = None,
        *,
        only: Collection[UUID] | None = None,
    ) -> list[Approval]:
        """Return them, newest first, from after `before` on; `only` what is about some tenants."""
        place = (APPROVALS.c.requested_at, APPROVALS.c.approval_id)
        query = select(APPROVALS).order_by(*(column.desc() for column in place)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*place) < before)
        if only is not None:
            query = query.where(APPROVALS.c.about.contained_by(list(only)))
        with operator_session(self._engine) as connection:
            return [_approval(row) for row in connection.execute(query)]

    def close(
        self,
        approval: Approval,
        state: ApprovalState,
        by: str,
        now: datetime,
        *,
        comment: str | None = None,
        job_id: UUID | None = None,
    ) -> Approval:
        """Write down how it was decided, by whom; it is held (`hold`)."""
        values = {
            "state": state,
            "decided_by": by,
            "decided_at": now,
            "comment": comment,
            "job_id": job_id,
        }
        change = update(APPROVALS).filter_by(approval_id=approval.approval_id)
        with operator_session(self._engine) as connection:
            row = connection.execute(change.values(values).returning(APPROVALS)).one()
            about = approval.about or ()
            tell(
                tenant_id=about[0] if len(about) == 1 else None,
                target=f"approval:{approval.approval_id}",
                after={"approval": state, "action": approval.action, "effect": approval.digest},
            )
            return _approval(row)

    def over(self, now: datetime) -> list[UUID]:
        """Return what still waits although its time is over."""
        query = select(APPROVALS.c.approval_id).where(
            APPROVALS.c.state == "waiting", APPROVALS.c.expires_at <= now
        )
        with operator_session(self._engine) as connection:
            return list(connection.execute(query).scalars())


def _found(connection: Connection, approval_id: UUID, *, alone: bool = False) -> Approval:
    query = select(APPROVALS).filter_by(approval_id=approval_id)
    row = connection.execute(query.with_for_update() if alone else query).first()
    if row is None:
        raise NotFound("approval_unknown", parameter="id", value=str(approval_id))
    return _approval(row)


def _approval(row: Row[tuple[object, ...]]) -> Approval:
    return Approval(
        approval_id=row.approval_id,
        action=row.action,
        params=row.params,
        effect=row.effect,
        about=None if row.about is None else tuple(row.about),
        state=row.state,
        requested_by=row.requested_by,
        requested_for=frozenset(row.requested_for),
        requester_key=row.requester_key,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        comment=row.comment,
        job_id=row.job_id,
    )


def decided_by(engine: Engine, action: str, param: str, value: UUID) -> str | None:
    """Return who approved of what was asked with such a parameter; None if it waited for nobody."""
    query = select(APPROVALS.c.decided_by).where(
        APPROVALS.c.action == action,
        APPROVALS.c.params[param].as_string() == str(value),
        APPROVALS.c.state == "approved",
    )
    with operator_session(engine) as connection:
        found: str | None = connection.execute(query).scalar()
    return found
