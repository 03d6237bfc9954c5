"""What Microsoft's metadata says of the objects that a collector reads. It lies beside this repository."""

import gzip
import importlib.util
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.core.collector import Collector

_HOME = Path(__file__).resolve().parents[3] / "shared" / "tools" / "graph_contract"
needs_metadata = pytest.mark.skipif(
    not _HOME.exists(), reason="the metadata is not part of this repository"
)


@cache
def metadata(version: str = "v1.0") -> dict[str, Any]:
    """Return types and enumerations."""
    with gzip.open(_HOME / "contract.json.gz") as file:
        return dict(json.load(file)[version])


@cache
def _versions() -> Any:
    found = importlib.util.spec_from_file_location("graph_contract_schema", _HOME / "schema.py")
    assert found is not None
    assert found.loader is not None
    schema = importlib.util.module_from_spec(found)
    sys.modules[found.name] = schema  # its dataclasses look themselves up there
    found.loader.exec_module(schema)
    return schema.Contract().versions


def item_of(spec: Collector) -> str | None:
    """Return the type of the objects below the collector's path; None where it gives a file.

    AssertionError if Graph has no such path, or does not say of what type its objects are.
    """
    path = re.sub(r"\{\w+\}", "x", spec.ask.path)
    target = _versions()[spec.ask.version].resolve(path)
    assert target.error is None, target.error
    answers = "".join(target.op("POST" if spec.ask.body else "GET")[0].lstrip("[~").rstrip("!*"))
    if answers == "#bytes":
        assert not spec.answer.selectable, path
        return None
    assert answers in metadata(spec.ask.version)["types"], f"{path}: {answers or 'not typed'}"
    return answers


def properties(version: str, name: str | None) -> dict[str, str]:
    """Return the declared type of each property of a type, those of its bases included."""
    found: dict[str, str] = {}
    types = metadata(version)["types"]
    while name is not None:
        found = {**types[name].get("p", {}), **found}
        name = types[name].get("b")
    return found
