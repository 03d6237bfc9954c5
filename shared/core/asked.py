"""Reads single values out of a plain mapping of texts; each refusal names the parameter."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from shared.core.errors import BadRequest

type Asked = Mapping[str, str]

# The most rows of one page, of whatever list.
MAX_TOP = 1000


def whole_number(asked: Asked, name: str, default: int, low: int, high: int) -> int:
    """Return the number `name`; BadRequest unless it is between `low` and `high`."""
    text = asked.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
        raise BadRequest("number_expected", parameter=name, low=low, high=high, value=text)
    return int(text)


def choice(asked: Asked, name: str, allowed: Sequence[str], default: str) -> str:
    """Return the word `name`, `default` if absent; BadRequest unless it is one of `allowed`."""
    value = asked.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise BadRequest(
            "value_not_allowed", parameter=name, value=value, allowed=", ".join(allowed)
        )
    return value


def flag(asked: Asked, name: str) -> bool:
    """Return the truth value `name`, false if absent."""
    return choice(asked, name, ("true", "false"), "false") == "true"


def instant(asked: Asked, name: str) -> datetime | None:
    """Return the instant `name` in UTC; BadRequest unless it is ISO 8601 with an offset."""
    text = asked.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest("instant_expected", parameter=name, value=text) from None


def check_names(asked: Asked, known: Collection[str]) -> None:
    """Raise BadRequest for a parameter that is not `known`, or a value that cannot be kept."""
    for name, value in asked.items():
        if name not in known:
            raise BadRequest("parameter_unknown", parameter=name)
        check_storable(name, value)


def check_storable(name: str, text: str) -> None:
    """Raise BadRequest for the parameter `name` if its value cannot be kept."""
    if not is_storable(text):
        raise BadRequest("parameter_malformed", parameter=name)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold the text: no null character, no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
