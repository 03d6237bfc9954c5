"""Memberships: who has which role for one tenant, for the tenants with a tag, or for all of them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)

from shared.core import clock
from shared.core.access import Caller, Permission, Subject, SubjectKind
from shared.core.act import tell
from shared.core.errors import Conflict, NotFound
from shared.store.registers.api_key_table import API_KEYS
from shared.store.registers.api_keys import lineage_of
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.roles import permissions_of_role
from shared.store.registers.tenant_table import TENANTS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role is held: for one tenant, for those with a tag, or, with neither, for all."""

    tenant_id: UUID | None = None
    tag: str | None = None

    @property
    def tenants(self) -> tuple[UUID, ...] | None:
        """Where the giver must hold it himself: a tag may come to any tenant, so on all of them."""
        return None if self.tenant_id is None else (self.tenant_id,)


@dataclass(frozen=True, slots=True)
class Membership:
    """A subject has a role. `made_by` names who gave it; `expires_at` None: until it is taken."""

    membership_id: UUID
    subject: Subject
    role: str
    scope: Scope
    made_by: str | None
    created_at: datetime
    expires_at: datetime | None


# Raises Forbidden unless the caller may give, or take, these permissions on these tenants.
type MayGive = Callable[[frozenset[Permission], Collection[UUID] | None], None]


class Memberships:
    """Who has which role where."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        subject: Subject,
        role: str,
        scope: Scope,
        *,
        expires_at: datetime | None,
        maker: Caller,
        may_give: MayGive,
    ) -> Membership:
        """Give a role; `may_give` is asked what that is, within the transaction.

        NotFound if there is no such role, tenant or key, Conflict if the subject has it already,
        Unauthenticated if the maker's own key has ended meanwhile.
        """
        with operator_session(self._engine) as connection:
            take_turns(connection)
            may_give(permissions_of_role(connection, role), scope.tenants)
            _check_named(connection, subject, scope)
            row = _row(subject, role, scope, maker, expires_at)
            same = select(MEMBERSHIPS.c.membership_id).where(_same(subject, role, scope))
            over = delete(MEMBERSHIPS).where(_same(subject, role, scope))
            connection.execute(over.where(MEMBERSHIPS.c.expires_at <= clock.now()))
            if connection.execute(same).first() is not None:
                raise Conflict("membership_exists", parameter="role", value=role)
            row["lineage"] = lineage_of(connection, maker)
            return _made(connection, row)

    def get(self, membership_id: UUID) -> Membership:
        """Return one; NotFound if there is none."""
        with operator_session(self._engine) as connection:
            return _found(connection, membership_id)

    def all(
        self,
        limit: int | None = None,
        before: tuple[datetime, UUID] | None = None,
        *,
        only: Collection[UUID] | None = None,
    ) -> list[Membership]:
        """Return them, newest first, from after `before` on; `only` those for some tenants."""
        place = (MEMBERSHIPS.c.created_at, MEMBERSHIPS.c.membership_id)
        query = select(MEMBERSHIPS).order_by(*(column.desc() for column in place)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*place) < before)
        if only is not None:
            query = query.where(MEMBERSHIPS.c.scope_tenant.in_(only))
        with operator_session(self._engine) as connection:
            return [_membership(row) for row in connection.execute(query)]

    def delete(self, membership_id: UUID, may_take: MayGive) -> None:
        """Take a role from whom it was given; `may_take` is asked what that is.

        NotFound if there is none such, Conflict if it is the last owner's.
        """
        one = MEMBERSHIPS.c.membership_id == membership_id
        with operator_session(self._engine) as connection:
            take_turns(connection)
            found = _found(connection, membership_id)
            may_take(permissions_of_role(connection, found.role), found.scope.tenants)
            if not _owners(connection, but=membership_id) and _owns(found):
                raise Conflict("owner_last")
            connection.execute(delete(MEMBERSHIPS).where(one))
            tell(target=f"membership:{membership_id}", before=_told(found))

    def has_owner(self) -> bool:
        """Tell whether the deployment has an owner."""
        with operator_session(self._engine) as connection:
            return _owners(connection) > 0

    def first_owner(self, subject: Subject) -> Membership:
        """Make the subject the owner of the deployment; Conflict if it has one, whoever that is."""
        with operator_session(self._engine) as connection:
            take_turns(connection)
            if _owners(connection):
                raise Conflict("owner_exists")
            row = _row(subject, OWNER, Scope(), None, None)
            again = delete(MEMBERSHIPS).where(_same(subject, OWNER, Scope()))
            connection.execute(again)
            return _made(connection, row)


def _made(connection: Connection, row: Mapping[str, object]) -> Membership:
    made = connection.execute(insert(MEMBERSHIPS).values(row).returning(MEMBERSHIPS)).one()
    found = _membership(made)
    tell(target=f"membership:{found.membership_id}", after=_told(found))
    return found


def _told(one: Membership) -> dict[str, object]:
    """What the audit log says of a membership: who has what where, and until when if it ends."""
    said = {
        "subject": f"{one.subject.kind}:{one.subject.id}",
        "directory": one.subject.directory,
        "role": one.role,
        "tenantId": one.scope.tenant_id,
        "tag": one.scope.tag,
        "expiresAt": one.expires_at,
    }
    return {name: value for name, value in said.items() if value is not None}


# Who counts as an owner: a group may be empty, and what expires is gone one day.
_OWNS = and_(
    MEMBERSHIPS.c.role == OWNER,
    MEMBERSHIPS.c.scope_tenant.is_(None),
    MEMBERSHIPS.c.scope_tag.is_(None),
    MEMBERSHIPS.c.expires_at.is_(None),
    MEMBERSHIPS.c.subject_kind.in_(("user", "app")),
)


def _owns(one: Membership) -> bool:
    lasting = one.role == OWNER and one.scope == Scope() and one.expires_at is None
    return lasting and one.subject.kind in ("user", "app")


def _owners(connection: Connection, but: UUID | None = None) -> int:
    query = select(func.count()).where(_OWNS)
    if but is not None:
        query = query.where(MEMBERSHIPS.c.membership_id != but)
    return connection.execute(query).scalar_one()


def _check_named(connection: Connection, subject: Subject, scope: Scope) -> None:
    if scope.tenant_id is not None:
        known = select(TENANTS.c.tenant_id).where(
            TENANTS.c.tenant_id == scope.tenant_id, TENANTS.c.state != "removed"
        )
        if connection.execute(known).first() is None:
            raise NotFound("tenant_unknown", parameter="tenantId", value=str(scope.tenant_id))
    if subject.kind == "key":
        alive = or_(API_KEYS.c.expires_at.is_(None), API_KEYS.c.expires_at > clock.now())
        key = select(API_KEYS.c.key_id).where(
            API_KEYS.c.key_id == subject.id, API_KEYS.c.revoked_at.is_(None), alive
        )
        if connection.execute(key).first() is None:
            raise NotFound("key_unknown", parameter="id", value=str(subject.id))


def _same(subject: Subject, role: str, scope: Scope) -> ColumnElement[bool]:
    columns = MEMBERSHIPS.c
    return and_(
        columns.subject_kind == subject.kind,
        columns.subject_id == subject.id,
        columns.subject_directory.is_not_distinct_from(subject.directory),
        columns.role == role,
        columns.scope_tenant.is_not_distinct_from(scope.tenant_id),
        columns.scope_tag.is_not_distinct_from(scope.tag),
    )


def _row(
    subject: Subject, role: str, scope: Scope, maker: Caller | None, expires_at: datetime | None
) -> dict[str, object]:
    return {
        "membership_id": uuid4(),
        "subject_kind": subject.kind,
        "subject_directory": subject.directory,
        "subject_id": subject.id,
        "role": role,
        "scope_tenant": scope.tenant_id,
        "scope_tag": scope.tag,
        "made_by": None if maker is None else maker.name,
        "created_at": clock.now(),
        "expires_at": expires_at,
    }


def _found(connection: Connection, membership_id: UUID) -> Membership:
    row = connection.execute(select(MEMBERSHIPS).filter_by(membership_id=membership_id)).first()
    if row is None:
        raise NotFound("membership_unknown", parameter="id", value=str(membership_id))
    return _membership(row)


def _membership(row: Row[tuple[object, ...]]) -> Membership:
    return Membership(
        membership_id=row.membership_id,
        subject=Subject(
            cast("SubjectKind", row.subject_kind), row.subject_id, row.subject_directory
        ),
        role=row.role,
        scope=Scope(row.scope_tenant, row.scope_tag),
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
