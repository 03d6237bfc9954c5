"""Columns that a dataset stores beside a text: the same in lower case, and a name's sort key."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Label, Select, func
from sqlalchemy.schema import Column
from sqlalchemy.sql.functions import coalesce

from shared.core.collector import collated
from shared.store.answers.sources import CollectorOf, ReportSources, built
from shared.store.schema.dataset_tables import folded


@lru_cache
def folded_columns(query: Callable[..., Select[Any]], collector_of: CollectorOf) -> frozenset[str]:
    """Return the ids of a report's columns in which letter case does not count."""
    sources, found = built(query, collector_of, current=True)
    return frozenset(lower_cased(found, sources))


def lower_cased(query: Select[Any], sources: ReportSources) -> dict[str, ColumnElement[str]]:
    """Return, by id, the columns of a report where letter case does not count, in lower case.

    A column that is selected as it is from a dataset has its stored twin, which has the index.
    """
    found: dict[str, ColumnElement[str]] = {}
    for name, source in query.selected_columns.items():
        twins = [twin for part in _choices(source) if (twin := _folded(part, sources)) is not None]
        if len(twins) < len(_choices(source)):
            continue
        found[name] = (func.coalesce(*twins) if len(twins) > 1 else twins[0]).label(folded(name))
    return found


def sort_keys(query: Select[Any]) -> dict[str, ColumnElement[str]]:
    """Return, by id, the sort keys of the columns of a report that are names of a dataset.

    What stands in for a missing name, an id or an address, is its own key: below that of any name.
    """
    found: dict[str, ColumnElement[str]] = {}
    for name, source in query.selected_columns.items():
        choices = _choices(source)
        keys = [_sort_key(part) for part in choices]
        if all(key is None for key in keys):
            continue
        parts = [part if key is None else key for part, key in zip(choices, keys, strict=True)]
        key = func.coalesce(*parts) if len(parts) > 1 else parts[0]
        found[name] = key.label(collated(name))
    return found


def _sort_key(part: ColumnElement[Any]) -> ColumnElement[Any] | None:
    """Return the sort key beside a column: that of a dataset, or of a subquery that passes it on."""
    if not isinstance(part, ColumnClause) or part.table is None:
        return None
    return part.table.c.get(collated(part.name))


def _choices(source: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return the expressions of which the first that is not null is a selected column's value."""
    plain = source.element if isinstance(source, Label) else source
    return list(plain.clauses) if isinstance(plain, coalesce) else [plain]


def _folded(part: ColumnElement[Any], sources: ReportSources) -> ColumnElement[Any] | None:
    """Return the lower case beside a column: that of a dataset, or of a whole table that passes it on."""
    if not isinstance(part, ColumnClause) or part.table is None:
        return None
    if part.table in sources.framed:
        return part.table.c.get(folded(part.name))
    dataset = sources.datasets.get(part.table) if isinstance(part, Column) else None
    if dataset is None or not sources.is_folded(dataset, part.name):
        return None
    return part.table.c[folded(part.name)]
