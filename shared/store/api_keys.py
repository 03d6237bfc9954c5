"""API keys: made once in plain text, kept as SHA-256, scoped, expiring, revocable."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import Engine, Row, func, insert, select, update

from shared.core import clock
from shared.core.errors import NotFound
from shared.store.control_tables import API_KEYS
from shared.store.sessions import ask_as_operator, operator_session

type Environment = Literal["live", "test"]

_SECRET_BYTES = 32

_VALID = """
    SELECT * FROM kanri.api_keys
    WHERE digest = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)
"""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a key may do. `tenant_ids` None means every tenant; instants are UTC."""

    key_id: UUID
    name: str
    environment: str
    permissions: tuple[str, ...]
    tenant_ids: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


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
    ) -> tuple[str, ApiKey]:
        """Make a key; return its plain text, which is kept nowhere, and what it may do."""
        plain = f"kanri_{environment}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = {
            "key_id": uuid4(),
            "name": name,
            "environment": environment,
            "digest": _digest(plain),
            "permissions": list(permissions),
            "tenant_ids": None if tenant_ids is None else list(tenant_ids),
            "created_at": clock.now(),
            "expires_at": expires_at,
        }
        statement = insert(API_KEYS).values(row).returning(API_KEYS)
        with operator_session(self._engine) as connection:
            return plain, _api_key(connection.execute(statement).one())

    def authenticate(self, plain: str) -> ApiKey | None:
        """Return the key behind `plain`; None if it is unknown, revoked or expired.

        Every request asks anew, so that a revocation counts at once. The secret has 256 random bits, so a plain digest needs neither salt nor stretching, and
        looking it up tells nothing by its timing.
        """
        found = ask_as_operator(self._engine, _VALID, [_digest(plain), clock.now()])
        return _api_key(found[0]) if found else None

    def all(self) -> list[ApiKey]:
        """Return every key, newest first."""
        query = select(API_KEYS).order_by(API_KEYS.c.created_at.desc(), API_KEYS.c.key_id)
        with operator_session(self._engine) as connection:
            return [_api_key(row) for row in connection.execute(query)]

    def revoke(self, key_id: UUID) -> None:
        """Make a key worthless from now on; NotFound if there is none. Repeatable."""
        change = (
            update(API_KEYS)
            .where(API_KEYS.c.key_id == key_id)
            .values(revoked_at=func.coalesce(API_KEYS.c.revoked_at, clock.now()))
        )
        with operator_session(self._engine) as connection:
            found = connection.execute(change).rowcount
        if not found:
            raise NotFound("key_unknown", parameter="id", value=str(key_id))


def _digest(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()


def _api_key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        environment=row.environment,
        permissions=tuple(row.permissions),
        tenant_ids=None if row.tenant_ids is None else tuple(row.tenant_ids),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
