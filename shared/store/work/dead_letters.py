"""Messages that were given up, with their cause, so that an operator sees them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Engine, Identity, Table, Text, func, select
from sqlalchemy.dialects.postgresql import insert

from shared.core import clock
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("letter_id", BigInteger, Identity(), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("message_id", Text, unique=True),
    Column("body", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("detail", Text),
    Column("received_at", INSTANT, nullable=False),
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message as it was, and why it was given up."""

    letter_id: int
    queue: str
    message_id: str | None
    body: str
    cause: str
    detail: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class LettersOfACause:
    """How many letters of a queue have one cause, and when the first of them came."""

    queue: str
    cause: str
    count: int
    first: datetime


class DeadLetters:
    """The messages given up by all queues."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, queue: str, body: str, cause: str, detail: str | None, message_id: str | None = None
    ) -> None:
        """Keep a message; the same `message_id` again changes nothing."""
        letter = insert(DEAD_LETTERS).values(
            queue=queue,
            message_id=message_id,
            body=body,
            cause=cause,
            detail=detail,
            received_at=clock.now(),
        )
        once = letter.on_conflict_do_nothing(index_elements=[DEAD_LETTERS.c.message_id])
        with operator_session(self._engine) as connection:
            connection.execute(once)

    def all(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """Return the newest letters first, from after the letter `before` on."""
        query = select(DEAD_LETTERS).order_by(DEAD_LETTERS.c.letter_id.desc()).limit(limit)
        if before is not None:
            query = query.where(DEAD_LETTERS.c.letter_id < before)
        with operator_session(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            DeadLetter(
                letter_id=row.letter_id,
                queue=row.queue,
                message_id=row.message_id,
                body=row.body,
                cause=row.cause,
                detail=row.detail,
                received_at=row.received_at,
            )
            for row in rows
        ]

    def received(self, since: datetime) -> list[LettersOfACause]:
        """Return how many came after an instant, by queue and cause."""
        letter = DEAD_LETTERS.c
        query = (
            select(letter.queue, letter.cause, func.count(), func.min(letter.received_at))
            .where(letter.received_at > since)
            .group_by(letter.queue, letter.cause)
            .order_by(letter.queue, letter.cause)
        )
        with operator_session(self._engine) as connection:
            return [LettersOfACause(*row) for row in connection.execute(query)]

    def count(self) -> int:
        """Return how many letters there are."""
        with operator_session(self._engine) as connection:
            query = select(func.count()).select_from(DEAD_LETTERS)
            return int(connection.execute(query).scalar_one())
