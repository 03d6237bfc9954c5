"""Finds the key behind a text, with the tenant that it asks about, in one round trip: every request does."""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from shared.core import clock
from shared.core.access import Hold
from shared.core.addresses import Address, lies_in
from shared.core.found_tenant import FoundTenant
from shared.store.registers.found_tenants import FOUND_TENANT, found_tenant
from shared.store.registers.holds import HELD_BY, end_of, holds_of
from shared.store.session.sessions import ask_as_operator

if TYPE_CHECKING:
    from sqlalchemy import Engine

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


class FoundKey(Struct, frozen=True):
    """A key, the tenant asked about, and what the key holds by memberships.

    All of it is right until `until`, as long as `version` is that of `known_access`; by then the
    key's last use is to be written again.
    """

    key: ApiKey
    tenant: FoundTenant | None
    holds: tuple[Hold, ...]
    version: int
    until: datetime


def find_key(
    engine: "Engine", plain: str, tenant_id: UUID | None, address: Address | None = None
) -> FoundKey | None:
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
    found = ask_as_operator(engine, _FIND, values, durable=False)
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


def digest_of(plain: str) -> bytes:
    """Return what is kept of a key's text."""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def api_key_of(row: Any, last_used_at: datetime | None) -> ApiKey:
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
