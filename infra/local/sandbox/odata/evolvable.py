"""Enumerations that grew: what was added to them is sent only to who says that it can take it.

https://learn.microsoft.com/en-us/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
"""

from typing import Any

from infra.local.sandbox.routing import Call


def evolved(call: Call, value: Any, newer: frozenset[str]) -> Any:
    """An answer with `unknownFutureValue` in the places of `newer` members, unless they are asked for."""
    asked = call.preference("include-unknown-enum-members") is not None
    return value if asked else _held_back(value, newer)


def _held_back(value: Any, newer: frozenset[str]) -> Any:
    match value:
        case dict():
            return {name: _held_back(part, newer) for name, part in value.items()}
        case list():
            return [_held_back(part, newer) for part in value]
        case str():
            return "unknownFutureValue" if value in newer else value
    return value
