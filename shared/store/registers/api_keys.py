"""API keys: made once in plain text, kept as SHA-256, scoped, expiring, revocable with their issue."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, LiteralString, NamedTuple
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from shared.core import clock
from shared.core.access import Caller, Hold
from shared.core.act import tell
from shared.core.addresses import Address, lies_in
from shared.core.errors import NotFound, Unauthenticated
from shared.core.found_tenant import FoundTenant
from shared.store.registers.api_key_table import API_KEY_USES, API_KEYS
from shared.store.registers.found_tenants import FOUND_TENANT, found_tenant
from shared.store.registers.holds import HELD_BY, end_of, holds_of
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.tenant_table import TENANTS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import ask_as_operator, operator_session

type Environment = Literal["live", "test"]

_SECRET_BYTES = 32

# The last use is written at most so often, in the round trip that looks the key up.
LAST_USE_EVERY = timedelta(minutes=1)
_FIND: LiteralString = """
    WITH found AS (
        SELECT k.*, u.last_used_at
        FROM kanri.api_keys k LEFT JOIN kanri.api_key_uses u USING (key_id) WHERE k.digest = %(digest)s
    ), used AS (
        INSERT INTO kanri.api_key_uses AS u (key_id, last_used_at)
        SELECT key_id, %(now)s FROM found
        WHERE revoked_at IS NULL AND NOT waits AND (expires_at IS NULL OR expires_at > %(now)s)
            AND (ranges IS NULL OR %(address)s::inet <<= ANY (ranges::cidr[]))
            AND (last_used_at IS NULL OR last_used_at < %(stale)s)
        ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at
            WHERE u.last_used_at < %(stale)s
    )
    SELECT found.*, kanri.access_version() AS version, {found_tenant} AS tenant,
        ({held_by} m.subject_kind = 'key' AND m.subject_id = found.key_id) AS held
    FROM found
""".replace("{held_by}", HELD_BY).replace("{found_tenant}", FOUND_TENANT)


class ApiKey(Struct, frozen=True):
    """What a key may do. `tenant_ids` None means every tenant; instants are UTC.

    It is taken from addresses in one of `ranges` (CIDR) alone, None being everywhere. `made_by`
    names the caller who made it; None for the deployment itself. `replaces` is the key that it was
    rotated from. `last_used_at` is exact to a minute. `waits`: for a second person's approval.
    """

    key_id: UUID
    name: str
    environment: str
    permissions: tuple[str, ...]
    tenant_ids: tuple[UUID, ...] | None
    made_by: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    ranges: tuple[str, ...] | None = None
    replaces: UUID | None = None
    waits: bool = False

    def ended(self, now: datetime) -> Literal["revoked", "expired", "waiting"] | None:
        """Return why the key is worthless; None for one that is good."""
        if self.revoked_at is not None:
            return "revoked"
        if self.waits:
            return "waiting"
        return "expired" if self.expires_at is not None and self.expires_at <= now else None


class FoundKey(NamedTuple):
    """A key, the tenant asked about, and what the key holds by memberships.

    All of it is right until `until`, as long as `version` is that of `known_access`; by then the
    key's last use is to be written again.
    """

    key: ApiKey
    tenant: FoundTenant | None
    holds: tuple[Hold, ...]
    version: int
    until: datetime


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
        found = self.authenticate_for(plain, None)
        return None if found is None else found.key

    def authenticate_for(
        self, plain: str, tenant_id: UUID | None, address: Address | None = None
    ) -> "FoundKey | None":
        """Return the key behind `plain`, and the tenant that it is sent to ask about.

        None if there is no such key, and for a tenant that was never added. The secret has 256 random
        bits, so a plain digest needs neither salt nor stretching, and looking it up tells nothing by
        its timing. An attempt from an `address` outside its ranges is no use of it.
        """
        now = clock.now()
        stale = now - LAST_USE_EVERY
        values = {
            "digest": digest_of(plain),
            "now": now,
            "stale": stale,
            "tenant": tenant_id,
            "address": None if address is None else str(address),
        }
        found = ask_as_operator(self._engine, _FIND, values, durable=False)
        if not found:
            return None
        [row] = found
        key = api_key_of(row, row.last_used_at)
        good = key.ended(now) is None and (key.ranges is None or lies_in(address, key.ranges))
        fresh = row.last_used_at is not None and row.last_used_at >= stale
        used = row.last_used_at if fresh else now
        until = min(used + LAST_USE_EVERY, end_of(row.held)) if good else now
        holds = holds_of(row.held)
        return FoundKey(key, found_tenant(row.tenant), holds, row.version, until)

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


def digest_of(plain: str) -> bytes:
    """Return what is kept of a key's text."""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def api_key_of(row: Row[tuple[object, ...]], last_used_at: datetime | None) -> ApiKey:
    """Return a row of API_KEYS as a key."""
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        environment=row.environment,
        permissions=tuple(row.permissions),
        tenant_ids=None if row.tenant_ids is None else tuple(row.tenant_ids),
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=last_used_at,
        ranges=None if row.ranges is None else tuple(row.ranges),
        replaces=row.replaces,
        waits=row.waits,
    )
