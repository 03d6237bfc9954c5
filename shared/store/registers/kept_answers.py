"""Answers that are kept for a day: a request that comes again is answered, and not done again.

An answer is kept in the transaction of what it tells of (`session.sessions.joined`): there is no time
in which one is stored without the other.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    delete,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core.errors import InProgress
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

# Of one caller, about one tenant (or the deployment): nobody else finds it, and it goes with that.
KEPT_ANSWERS = Table(
    "kept_answers",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_until", INSTANT, nullable=False),
    Index("kept_answers_until", "kept_until"),
)

_RETRY_AFTER = 1.0
# It ends with the transaction, and so does whoever holds it when his worker dies.
_TAKE = sql("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What a request is known by: `key` is the caller's word for it, `act` what the route calls it."""

    tenant_id: UUID
    caller: str
    act: str
    key: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered; `request` is the digest of what had been asked."""

    request: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes


class KeptAnswers:
    """The answers of the last day. To be used within `joined`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, asked: Repeatable, now: datetime) -> KeptAnswer | None:
        """Return what was answered, None if nothing was; until the transaction ends nobody else asks.

        Raises InProgress if somebody else is at it.
        """
        line = asdict(asked)
        with operator_session(self._engine) as connection:
            name = "kanri.kept_answers." + "/".join(str(part) for part in line.values())
            if not connection.execute(_TAKE, {"name": name}).scalar_one():
                raise InProgress("request_in_progress", retry_after=_RETRY_AFTER)
            # A statement of its own: what it sees was there when the turn had come.
            query = select(KEPT_ANSWERS).filter_by(**line).where(KEPT_ANSWERS.c.kept_until > now)
            row = connection.execute(query).first()
        return None if row is None else KeptAnswer(row.request, row.status, row.headers, row.body)

    def keep(self, asked: Repeatable, answer: KeptAnswer, until: datetime) -> None:
        """Keep what is about to be answered, in the place of one whose time is over."""
        values = {
            "request": answer.request,
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body,
            "kept_until": until,
        }
        row = insert(KEPT_ANSWERS).values(**asdict(asked), **values)
        keys = [*KEPT_ANSWERS.primary_key]
        with operator_session(self._engine) as connection:
            connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values))

    def forget(self, now: datetime) -> int:
        """Delete the answers whose time is over; return how many they were."""
        over = delete(KEPT_ANSWERS).where(KEPT_ANSWERS.c.kept_until <= now)
        with operator_session(self._engine) as connection:
            return connection.execute(over).rowcount
