"""Messages that were given up on."""

from datetime import datetime

from shared.web.answers.answer import Answer


class DeadLetterAnswer(Answer):
    letter_id: int
    queue: str
    body: str
    cause: str
    detail: str | None
    message_id: str | None
    received_at: datetime


class DeadLetterList(Answer):
    count: int
    dead_letters: list[DeadLetterAnswer]
