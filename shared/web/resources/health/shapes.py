"""Is the app alive, and can it do its work?"""

from typing import Any, Literal

from shared.core.wire import Instant
from shared.web.shapes import Answer


class Alive(Answer):
    status: Literal["alive"]


class CheckAnswer(Answer):
    """One check of readiness; `detail` says what was seen."""

    name: str
    ok: bool
    detail: dict[str, Any]


class Readiness(Answer):
    status: Literal["ready", "not_ready"]
    checked_at: Instant
    checks: list[CheckAnswer]
