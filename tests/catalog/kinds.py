"""Every kind of declaration that the product has."""

from importlib import import_module
from typing import Any

from infra.local.repository import ROOT
from shared.core.kind import Kind


def every_kind() -> list[Kind[Any]]:
    """Return the kinds that `shared/core` declares, each beside its type, by package."""
    found = {}
    for file in sorted((ROOT / "shared/core").glob("[!_]*.py")):
        module = import_module(f"shared.core.{file.stem}")
        kinds = [value for value in vars(module).values() if isinstance(value, Kind)]
        found.update({kind.package: kind for kind in kinds})
    return [found[package] for package in sorted(found)]
