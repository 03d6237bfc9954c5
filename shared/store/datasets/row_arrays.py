"""Writes the rows of a batch as the server takes them: an array a column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.core.collector import Collector, collated
from shared.core.rows import Rows
from shared.store.datasets.batches import picked, storable
from shared.store.datasets.collation import sort_key
from shared.store.datasets.merge_statements import array_of, stored_columns
from shared.store.session.arrays import Array, array


@dataclass(frozen=True, slots=True)
class Prepared:
    """What becomes of a batch that is settled (see `Batch`), and the arrays of all its rows."""

    positions: list[int]
    removed: list[str]
    arrays: Mapping[str, Array]


def row_arrays(collector: Collector, rows: Rows, positions: Sequence[int]) -> Mapping[str, Array]:
    """Return the rows at `positions`, of which there are some, by the names of the parameters."""
    values, raws = storable(picked(rows.values, positions), picked(rows.raws, positions))
    told: dict[str, Sequence[Any]] = {
        "id": picked(rows.ids, positions),
        "content_hash": picked(rows.hashes, positions),
        "raw": raws,
    }
    for column, own in zip(collector.columns, zip(*values, strict=True), strict=True):
        told[column.name] = own
        if column.collated:
            told[collated(column.name)] = _places(own)
    if rows.dates:
        told["report_date"] = picked(rows.dates, positions)
    if rows.parents:
        told["parent_id"] = picked(rows.parents, positions)
    return {
        array_of(name): array(kind, told[name]) for name, kind in stored_columns(collector).items()
    }


def _places(names: Sequence[Any]) -> list[str | None]:
    """Return the sort key of each name."""
    return [None if name is None else sort_key(name) for name in names]
