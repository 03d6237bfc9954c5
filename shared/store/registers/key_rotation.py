"""Rotation: a new key in the place of an old one, which goes on for a while beside it."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from shared.core import clock
from shared.core.access import Caller, Permission, known_permissions
from shared.core.act import tell
from shared.core.errors import Conflict, NotFound
from shared.store.registers.api_key_table import API_KEYS
from shared.store.registers.api_keys import lineage_of, new_plain
from shared.store.registers.found_keys import ApiKey, api_key_of, digest_of
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.roles import permissions_of_role
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session

# Raises Forbidden unless the caller may give these permissions on these tenants.
type MayGive = Callable[[Collection[Permission], Collection[UUID] | None], None]


def rotate(
    engine: Engine,
    key_id: UUID,
    *,
    old_until: datetime,
    expires_at: datetime,
    maker: Caller,
    may_give: MayGive,
) -> tuple[str, ApiKey]:
    """Make a key that may what the old one may; return its text and itself. The old one ends at
    `old_until`, or before, if it ends then anyway.

    `may_give` is asked, within the transaction, about all that the key may: who rotates it gets to
    know the text of the new one. NotFound if there is no such key, Conflict if it has ended.
    """
    with operator_session(engine) as connection:
        take_turns(connection)
        row = _living(connection, key_id)
        old = api_key_of(row, None)
        may_give(known_permissions(old.permissions), old.tenant_ids)
        _check_memberships(connection, key_id, may_give)
        plain = new_plain(old.environment)
        made_by = [
            one for one in lineage_of(connection, maker) if one not in (key_id, *row.lineage)
        ]
        values = row._asdict() | {
            "key_id": uuid4(),
            "digest": digest_of(plain),
            "replaces": key_id,
            "made_by": maker.name,
            "lineage": [*row.lineage, *made_by],
            "created_at": clock.now(),
            "expires_at": expires_at,
        }
        made = connection.execute(insert(API_KEYS).values(values).returning(API_KEYS)).one()
        ends = func.least(func.coalesce(API_KEYS.c.expires_at, old_until), old_until)
        connection.execute(update(API_KEYS).filter_by(key_id=key_id).values(expires_at=ends))
        _copy_memberships(connection, key_id, made.key_id)
        return plain, _told(api_key_of(made, None), old_until)


def _told(made: ApiKey, old_until: datetime) -> ApiKey:
    rights = {"permissions": made.permissions, "tenantIds": made.tenant_ids}
    ends = {"expiresAt": made.expires_at, "replaces": made.replaces, "replacedUntil": old_until}
    tell(target=f"key:{made.key_id}", after={**rights, **ends})
    return made


def _living(connection: Connection, key_id: UUID) -> Row[tuple[object, ...]]:
    row = connection.execute(select(API_KEYS).filter_by(key_id=key_id)).first()
    if row is None:
        raise NotFound("key_unknown", parameter="id", value=str(key_id))
    if api_key_of(row, None).ended(clock.now()) is not None:
        raise Conflict("key_ended", parameter="id", value=str(key_id))
    return row


def _check_memberships(connection: Connection, key_id: UUID, may_give: MayGive) -> None:
    query = select(MEMBERSHIPS.c.role, MEMBERSHIPS.c.scope_tenant)
    held = query.where(MEMBERSHIPS.c.subject_kind == "key", MEMBERSHIPS.c.subject_id == key_id)
    for role, tenant in connection.execute(held).all():
        may_give(permissions_of_role(connection, role), None if tenant is None else (tenant,))


def _copy_memberships(connection: Connection, old: UUID, new: UUID) -> None:
    held = select(MEMBERSHIPS).where(
        MEMBERSHIPS.c.subject_kind == "key", MEMBERSHIPS.c.subject_id == old
    )
    for row in connection.execute(held).all():
        values = row._asdict() | {"membership_id": uuid4(), "subject_id": new}
        connection.execute(insert(MEMBERSHIPS).values(values))
