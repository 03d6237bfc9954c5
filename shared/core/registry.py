"""Declarations by the names that most of the house knows them by; any kind by `of`."""

import hashlib
from functools import cache
from pathlib import Path

from shared.core.collector import COLLECTORS, Collector
from shared.core.declarations import of
from shared.core.report import REPORTS, Report

__all__ = [
    "area",
    "collector",
    "datasets",
    "of",
    "report",
    "report_keys",
    "report_version",
]

_ROOT = Path(__file__).resolve().parents[2]


def datasets() -> tuple[str, ...]:
    """Return every dataset id, sorted, without importing a collector."""
    return tuple(of(COLLECTORS))


def report_keys() -> tuple[str, ...]:
    """Return every report key, sorted, without importing a report."""
    return tuple(of(REPORTS))


def area(dataset: str) -> str:
    """Return the area that the collector of `dataset` lies in, without importing it."""
    return of(COLLECTORS).files[dataset].parent.name


def collector(dataset: str) -> Collector:
    """Return the collector of `dataset`; NotFound if the catalogue has none."""
    return of(COLLECTORS).asked_for(dataset)


def report(key: str) -> Report:
    """Return the report `key`; NotFound if the catalogue has none."""
    return of(REPORTS).asked_for(key)


@cache
def report_version(key: str) -> str:
    """Return a text that changes with the report's declaration, and with what reports share.

    A deployed change of either changes the answers to questions that were answered before.
    """
    files = (of(REPORTS).files[key], *sorted((_ROOT / "shared/catalog").glob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
