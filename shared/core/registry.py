"""Declarations by the names that most of the house knows them by; any kind by `of`."""

import hashlib
from functools import cache
from os import scandir
from pathlib import Path

from shared.core.collector import COLLECTORS, Collector
from shared.core.declarations import of
from shared.core.imported import IMPORTS
from shared.core.report import REPORTS, Report

__all__ = [
    "area",
    "collector",
    "datasets",
    "is_imported",
    "kept",
    "of",
    "report",
    "report_keys",
    "report_version",
]

_ROOT = Path(__file__).resolve().parents[2]


def datasets() -> tuple[str, ...]:
    """Return every dataset that is collected, by id, sorted, without importing a collector."""
    return tuple(of(COLLECTORS))


def kept() -> tuple[str, ...]:
    """Return every dataset whose rows and history are kept, collected or imported, sorted."""
    return tuple(sorted((*of(COLLECTORS), *of(IMPORTS))))


def is_imported(dataset: str) -> bool:
    """Tell whether a dataset is one that people send as a file."""
    return dataset in of(IMPORTS)


def report_keys() -> tuple[str, ...]:
    """Return every report key, sorted, without importing a report."""
    return tuple(of(REPORTS))


def area(dataset: str) -> str:
    """Return the area that the declaration of `dataset` lies in, without importing it."""
    declared = of(IMPORTS) if is_imported(dataset) else of(COLLECTORS)
    return declared.files[dataset].parent.name


def collector(dataset: str) -> Collector:
    """Return the collector of `dataset`, or what stands for one of what is imported; NotFound if the
    catalogue has neither."""
    return _imported(dataset) if is_imported(dataset) else of(COLLECTORS).asked_for(dataset)


@cache
def _imported(dataset: str) -> Collector:
    return of(IMPORTS)[dataset].stored


def report(key: str) -> Report:
    """Return the report `key`; NotFound if the catalogue has none."""
    return of(REPORTS).asked_for(key)


@cache
def report_version(key: str) -> str:
    """Return a text that changes with the report's declaration, and with what reports share.

    A deployed change of either changes the answers to questions that were answered before.
    """
    catalog = _ROOT / "shared/catalog"
    shared = sorted(file.name for file in scandir(catalog) if file.name.endswith(".py"))
    files = (of(REPORTS).files[key], *(catalog / name for name in shared))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
