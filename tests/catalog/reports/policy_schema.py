"""Conditional Access policies made from Microsoft's schema: one property set in each.

`conditional_access_schema.json` holds types and enumerations of the official metadata: `:String`
and the like are simple types, `[` marks a collection.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = json.loads(Path(__file__).with_name("conditional_access_schema.json").read_text("utf-8"))
_ROOTS = {
    "conditions": "conditionalAccessConditionSet",
    "grant_controls": "conditionalAccessGrantControls",
    "session_controls": "conditionalAccessSessionControls",
}
# One value that a simple type can have, and none that another property has.
_SIMPLE: dict[str, tuple[object, ...]] = {
    ":String": ("some-text",),
    ":Int32": (4711,),
    ":Boolean": (True, False),
    ":DateTimeOffset": ("2021-02-03T04:05:06Z",),
}


@dataclass(frozen=True)
class Setting:
    """One property of a policy with one value. `column` is the stored column it lies in."""

    column: str
    path: tuple[str, ...]
    value: object
    is_list: bool

    @property
    def name(self) -> str:
        return f"{self.column}:{'.'.join(self.path)}={self.value}"

    @property
    def document(self) -> dict[str, Any]:
        held: Any = [self.value] if self.is_list else self.value
        for name in reversed(self.path):
            held = {name: held}
        found: dict[str, Any] = held
        return found


def settings(version: str) -> list[Setting]:
    """Return every property of the policy's schema with every value that it documents."""
    schema = _SCHEMA[version]
    return [
        Setting(column, path, value, is_list)
        for column, root in _ROOTS.items()
        for path, value, is_list in _values(schema, root, ())
    ]


def _values(
    schema: dict[str, Any], kind: str, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object, bool]]:
    properties = dict(schema["types"][kind])
    for derived in schema["derived"].get(kind, ()):
        properties |= schema["types"][derived]
    for name, spelled in properties.items():
        here, plain = (*path, name), spelled.removeprefix("[")
        if plain in schema["types"]:
            yield from _values(schema, plain, here)
            continue
        for value in _SIMPLE.get(plain) or schema["enums"][plain]["values"]:
            if value != "unknownFutureValue":
                yield here, value, spelled != plain
