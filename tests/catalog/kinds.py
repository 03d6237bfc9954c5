"""Every kind of declaration that the product has."""

import re
from importlib import import_module
from typing import Any

from infra.local.repository import ROOT
from shared.core.kind import Kind

_DECLARES = re.compile(r"^[A-Z_]+(: .*)? = Kind\(", re.MULTILINE)


def every_kind() -> list[Kind[Any]]:
    """Return the kinds that are declared in `shared`, each beside its type, by package."""
    found = {}
    for file in sorted((ROOT / "shared").rglob("*.py")):
        if _DECLARES.search(file.read_text(encoding="utf-8")):
            path = file.relative_to(ROOT).with_suffix("")
            parts = path.parts[:-1] if path.name == "__init__" else path.parts
            kinds = vars(import_module(".".join(parts))).values()
            found.update({kind.package: kind for kind in kinds if isinstance(kind, Kind)})
    return [found[package] for package in sorted(found)]
