"""The functions of an app as the host sees them: name, trigger and bindings, checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.host.wire import Indexed, Retry

_FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE)
_BINDING_NAME = re.compile(r"(?!.*__)([a-z_][a-z0-9_]{0,127}|\$return)", re.IGNORECASE)
TRIGGERS = ("httpTrigger", "queueTrigger", "timerTrigger", "blobTrigger", "warmupTrigger")
BINDINGS = {
    ("http", "out"), ("queue", "out"), ("blob", "out"), ("blob", "in"), ("table", "out"),
    ("table", "in"),
}  # fmt: skip
GROUPS = {"httpTrigger": "http", "warmupTrigger": "http", "blobTrigger": "blob"}


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding; `properties` are those of function.json, looked up ignoring case."""

    name: str
    type: str
    direction: str
    properties: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        """A property, or the default where it is absent or null."""
        value = self.properties.get(key.lower())
        return default if value is None else value

    def text(self, key: str) -> str:
        """A property that must be there. Raises ValueError."""
        value = self.get(key)
        if not value:
            raise ValueError(f"the {self.type} binding {self.name} has no {key}")
        return str(value)


@dataclass(frozen=True, slots=True)
class Function:
    """One function that passed the host's checks."""

    id: str
    name: str
    trigger: Binding
    inputs: tuple[Binding, ...]
    outputs: tuple[Binding, ...]
    retry: Retry | None

    @property
    def group(self) -> str:
        """Its scale group: all HTTP together, all blobs together, every other function alone.

        https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling
        """
        return GROUPS.get(self.trigger.type, f"function:{self.name}")


def read_functions(
    indexed: list[Indexed], allowed: tuple[str, ...] | None
) -> tuple[list[Function], dict[str, str]]:
    """Check every function; returns those that can be served in name order, and the others' faults.

    The order is that of the platform, which is also the order of its routes: by upper-cased name.
    """
    functions: list[Function] = []
    faults: dict[str, str] = {}
    wanted = None if allowed is None else {name.lower() for name in allowed}
    for item in indexed:
        if wanted is not None and item.name.lower() not in wanted:
            continue
        try:
            functions.append(_read(item))
        except ValueError as error:
            faults[item.name] = str(error)
    return sorted(functions, key=lambda function: function.name.upper()), faults


def _read(item: Indexed) -> Function:
    if not _FUNCTION_NAME.fullmatch(item.name) or item.name.lower() == "host":
        raise ValueError(f"{item.name!r} is not a valid function name")
    bindings = [_binding(json.loads(raw)) for raw in item.bindings]
    names = [binding.name.lower() for binding in bindings]
    if len(set(names)) < len(names):
        raise ValueError("binding names must be unique")
    triggers = [binding for binding in bindings if binding.type.lower().endswith("trigger")]
    if len(triggers) != 1:
        raise ValueError(f"a function has exactly one trigger, not {len(triggers)}")
    if triggers[0].type not in TRIGGERS:
        raise ValueError(f"the trigger type {triggers[0].type} is not registered")
    others = [binding for binding in bindings if binding is not triggers[0]]
    for binding in others:
        if (binding.type, binding.direction) not in BINDINGS:
            raise ValueError(f"the binding type {binding.type} is not registered")
    return Function(
        id=item.id,
        name=item.name,
        trigger=triggers[0],
        inputs=tuple(binding for binding in others if binding.direction == "in"),
        outputs=tuple(binding for binding in others if binding.direction == "out"),
        retry=item.retry,
    )


def _binding(raw: dict[str, Any]) -> Binding:
    properties = {key.lower(): value for key, value in raw.items()}
    name, kind = str(properties.get("name", "")), str(properties.get("type", ""))
    direction = str(properties.get("direction", "in")).lower()
    if not _BINDING_NAME.fullmatch(name):
        raise ValueError(f"the binding name {name!r} is invalid")
    if name == "$return" and direction != "out":
        raise ValueError("$return must be an output")
    return Binding(name, kind, direction, properties)
