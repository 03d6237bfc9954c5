"""Finds collectors, reports and formats by scanning for them; imports one only when it is asked for."""

import hashlib
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from shared.core.collector import Collector
from shared.core.errors import NotFound
from shared.core.format import Format
from shared.core.report import Report

_SHARED = Path(__file__).resolve().parent.parent
_CATALOGUE = _SHARED / "catalog"


@cache
def _modules(kind: str) -> dict[str, str]:
    """Map id to module name. An id that two files share is an error at the first look."""
    found: dict[str, str] = {}
    for file in sorted((_CATALOGUE / kind).glob("*/*.py")):
        if file.stem == "__init__":
            continue
        if file.stem in found:
            raise ValueError(f"two {kind} are called {file.stem}")
        found[file.stem] = f"shared.catalog.{kind}.{file.parent.name}.{file.stem}"
    return found


def datasets() -> tuple[str, ...]:
    """Return every dataset id, sorted, without importing a collector."""
    return tuple(sorted(_modules("collectors")))


def report_keys() -> tuple[str, ...]:
    """Return every report key, sorted, without importing a report."""
    return tuple(sorted(_modules("reports")))


@cache
def collector(dataset: str) -> Collector:
    """Return the collector of `dataset`; NotFound if the catalogue has none."""
    module = _modules("collectors").get(dataset)
    if module is None:
        raise NotFound("dataset_unknown", parameter="dataset", value=dataset)
    spec: Collector = import_module(module).COLLECTOR
    return replace(spec, dataset=dataset)


@cache
def report(key: str) -> Report:
    """Return the report `key`; NotFound if the catalogue has none."""
    module = _modules("reports").get(key)
    if module is None:
        raise NotFound("report_unknown", parameter="report", value=key)
    spec: Report = import_module(module).REPORT
    return replace(spec, key=key)


@cache
def report_version(key: str) -> str:
    """Return a text that changes with the report's declaration, and with what reports share.

    A deployed change of either changes the answers to questions that were answered before.
    """
    own = _CATALOGUE.joinpath("reports").glob(f"*/{key}.py")
    files = (*own, *sorted(_CATALOGUE.glob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@cache
def format_ids() -> tuple[str, ...]:
    """Return the id of every format, json first (it is the default), without importing one."""
    found = {file.stem for file in _SHARED.joinpath("render").glob("*.py")} - {"__init__"}
    return tuple(sorted(found, key=lambda name: (name != "json", name)))


@cache
def format_of(name: str) -> Format:
    """Return the format `name`, which is one of `format_ids`."""
    spec: Format = import_module(f"shared.render.{name}").FORMAT
    return replace(spec, id=name)
