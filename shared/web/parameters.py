"""Reads query parameters that several routes share; each error names the parameter."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.web.http import Request
from shared.web.route import Parameter

MAX_TOP = 1000

TOP = Parameter(
    "top",
    Text("Rows per page, 1 to 1000; 100 if absent.", "1 ページの行数 (1～1000)。省略時は 100。"),
    {"type": "integer", "minimum": 1, "maximum": MAX_TOP, "default": 100},
    example=100,
    codes=("number_expected",),
)
CURSOR = Parameter(
    "cursor",
    Text("Position from the page before.", "前のページが返した位置。"),
    {"type": "string"},
    codes=("cursor_malformed", "cursor_foreign"),
)


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Return the number `name`; BadRequest unless it is between `low` and `high`."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
        raise BadRequest("number_expected", parameter=name, low=low, high=high, value=text)
    return int(text)


def choice(request: Request, name: str, allowed: Sequence[str], default: str) -> str:
    """Return the word `name`, `default` if absent; BadRequest unless it is one of `allowed`."""
    value = request.query.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise BadRequest(
            "value_not_allowed", parameter=name, value=value, allowed=", ".join(allowed)
        )
    return value


def flag(request: Request, name: str) -> bool:
    """Return the truth value `name`, false if absent."""
    return choice(request, name, ("true", "false"), "false") == "true"


def instant(request: Request, name: str) -> datetime | None:
    """Return the instant `name` in UTC; BadRequest unless it is ISO 8601 with an offset."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest("instant_expected", parameter=name, value=text) from None


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold the text: no null character, no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
