"""What the files below `areas` declare, found by scan: each says everything about one kind of object.

An area may declare `ROUTES` (routing.Route), `PERMISSIONS` (name to app role id), `WRITING`
(likewise, those that no app has from the start), `LIMITS` (budget to throttling.Limit),
`COLLECTIONS` (data set to what makes its Collection of a tenant), `LOGS` (data set to what keeps
its told events), `REPORTS`, `DAYS`, `PRESENT` (usage report to what writes
its file of a period, of a day, of neither), `CONDITIONS` (faults that its
handlers honour), `LIFE` (life.Happening) and `FACTS` (what may be set of a tenant, and what it is
at first).
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

_PACKAGE = "infra.local.sandbox.areas"  # by name: areas import what asks for them


@cache
def _areas() -> tuple[ModuleType, ...]:
    package = importlib.import_module(_PACKAGE)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(importlib.import_module(f"{_PACKAGE}.{name}") for name in names)


def declared(name: str) -> Iterator[Any]:
    """The entries of `name` of all areas, in the order of their files."""
    for area in _areas():
        yield from getattr(area, name, ())


@cache
def united(name: str) -> dict[str, Any]:
    """The mappings `name` of all areas in one; raises ValueError when two say the same key."""
    found: dict[str, Any] = {}
    for area in _areas():
        told = getattr(area, name, {})
        twice = found.keys() & told.keys()
        if twice:
            raise ValueError(f"{area.__name__} says {name}[{min(twice)!r}] once more")
        found.update(told)
    return found
