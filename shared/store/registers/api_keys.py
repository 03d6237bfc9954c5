"""API keys: made once in plain text, kept as SHA-256, scoped, expiring, revocable with their issue."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import (
    Connection,
    Engine,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from shared.core import clock
from shared.core.access import Caller
from shared.core.act import tell
from shared.core.errors import NotFound, Unauthenticated
from shared.store.registers.api_key_table import API_KEY_USES, API_KEYS
from shared.store.registers.found_keys import ApiKey, api_key_of, digest_of, find_key
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.tenant_table import TENANTS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session

type Environment = Literal["live", "test"]

_SECRET_BYTES = 32


class ApiKeys:
    """The keys of all callers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        name: str,
        *,
        environment: Environment,
        permissions: Sequence[str],
        tenant_ids: Sequence[UUID] | None,
        expires_at: datetime | None,
        ranges: Sequence[str] | None = None,
        waits: bool = False,
        maker: Caller | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; return its plain text, which is kept nowhere, and what it may do.

        Without a `maker` it is the deployment's own. One that `waits` opens nothing yet. NotFound
        for a removed tenant, Unauthenticated if the maker's own key has ended meanwhile.
        """
        plain = new_plain(environment)
        row = {
            "key_id": uuid4(),
            "name": name,
            "environment": environment,
            "digest": digest_of(plain),
            "permissions": list(permissions),
            "tenant_ids": None if tenant_ids is None else list(tenant_ids),
            "ranges": None if ranges is None else list(ranges),
            "made_by": None if maker is None else maker.name,
            "created_at": clock.now(),
            "expires_at": expires_at,
            "waits": waits,
        }
        with operator_session(self._engine) as connection:
            take_turns(connection)
            _check_tenants(connection, tenant_ids or ())
            row["lineage"] = lineage_of(connection, maker)
            statement = insert(API_KEYS).values(row).returning(API_KEYS)
            made = connection.execute(statement).one()
            rights = {"permissions": row["permissions"], "tenantIds": row["tenant_ids"]}
            tell(target=f"key:{made.key_id}", after={**rights, "expiresAt": expires_at})
        return plain, api_key_of(made, last_used_at=None)

    def authenticate(self, plain: str) -> ApiKey | None:
        """Return the key behind `plain`, ended or not; None if there is none."""
        found = find_key(self._engine, plain, None)
        return None if found is None else found.key

    def all(
        self, limit: int | None = None, before: tuple[datetime, UUID] | None = None
    ) -> list[ApiKey]:
        """Return the keys, newest first, from after `before` on (when it was made, key id)."""
        place = (API_KEYS.c.created_at, API_KEYS.c.key_id)
        used = API_KEY_USES.c.last_used_at
        keys = API_KEYS.outerjoin(API_KEY_USES, API_KEYS.c.key_id == API_KEY_USES.c.key_id)
        query = select(API_KEYS, used).select_from(keys)
        query = query.order_by(*(column.desc() for column in place)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*place) < before)
        with operator_session(self._engine) as connection:
            return [api_key_of(row, row.last_used_at) for row in connection.execute(query)]

    def get(self, key_id: UUID) -> ApiKey:
        """Return one key, ended or not, without its last use; NotFound if there is none."""
        with operator_session(self._engine) as connection:
            row = connection.execute(select(API_KEYS).filter_by(key_id=key_id)).first()
        if row is None:
            raise NotFound("key_unknown", parameter="id", value=str(key_id))
        return api_key_of(row, None)

    def revoke(self, key_id: UUID) -> None:
        """Make a key worthless from now on, and all that was made with it: keys and memberships.

        NotFound if there is none. Repeatable.
        """
        one = API_KEYS.c.key_id == key_id
        change = (
            update(API_KEYS)
            .where(or_(one, API_KEYS.c.lineage.contains([key_id])))
            .values(revoked_at=func.coalesce(API_KEYS.c.revoked_at, clock.now()))
        )
        with operator_session(self._engine) as connection:
            take_turns(connection)
            found = connection.execute(change).rowcount
            connection.execute(delete(MEMBERSHIPS).where(MEMBERSHIPS.c.lineage.contains([key_id])))
            tell(target=f"key:{key_id}", after={"revoked": found})
        if not found:
            raise NotFound("key_unknown", parameter="id", value=str(key_id))


def end_keys_of(connection: Connection, tenant_id: UUID) -> None:
    """Revoke the keys that have this tenant only, and take it from the others, for good.

    What they made is among them: no key has a tenant that its maker has not. Needs an operator
    session that has taken its turn.
    """
    sees = API_KEYS.c.tenant_ids.contains([tenant_id])
    only = API_KEYS.c.tenant_ids.contained_by([tenant_id])
    revoked = func.coalesce(API_KEYS.c.revoked_at, clock.now())
    connection.execute(update(API_KEYS).where(sees, only).values(revoked_at=revoked))
    rest = func.array_remove(API_KEYS.c.tenant_ids, tenant_id)
    connection.execute(update(API_KEYS).where(sees, ~only).values(tenant_ids=rest))


def _check_tenants(connection: Connection, tenant_ids: Sequence[UUID]) -> None:
    query = select(TENANTS.c.tenant_id).where(
        TENANTS.c.tenant_id.in_(tenant_ids), TENANTS.c.state == "removed"
    )
    removed = connection.execute(query).scalars().first()
    if removed is not None:
        raise NotFound("tenant_unknown", parameter="tenantIds", value=str(removed))


def lineage_of(connection: Connection, maker: Caller | None) -> list[UUID]:
    """Return the ids of the keys that what `maker` makes descends from, the eldest first.

    Unauthenticated if his key has ended meanwhile. Needs an operator session.
    """
    if maker is None or maker.key_id is None:
        return []
    row = connection.execute(select(API_KEYS).filter_by(key_id=maker.key_id)).first()
    if row is None or api_key_of(row, None).ended(clock.now()) is not None:
        raise Unauthenticated("key_invalid")
    return [*row.lineage, maker.key_id]


def new_plain(environment: str) -> str:
    """Return the text of a new key."""
    return f"kanri_{environment}_{secrets.token_urlsafe(_SECRET_BYTES)}"
