"""Finds collectors and reports by scanning the catalogue; imports one only when it is asked for."""

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from shared.core.collector import Collector
from shared.core.errors import NotFound
from shared.core.report import Report

_CATALOGUE = Path(__file__).resolve().parent.parent / "catalog"


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
