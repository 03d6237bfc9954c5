"""Messages that were given up on."""

from shared.core.wire import Instant
from shared.web.shapes import Answer


class DeadLetterAnswer(Answer):
    letter_id: int
    queue: str
    body: str
    cause: str
    detail: str | None
    message_id: str | None
    received_at: Instant


class DeadLetterList(Answer):
    count: int
    dead_letters: list[DeadLetterAnswer]
    cursor: str | None = None
