"""What a row has of the object below which it was read."""

from datetime import datetime

from shared.core.collector import Column
from shared.core.rows import Parent
from shared.graph.decoding.row_types import PARENT


def told_by(parent: Parent | None, column: Column) -> str | datetime | None:
    """Return what the parent has for a column; None if it was read below none."""
    if parent is None:
        return None
    name = column.source[1:-1]
    told = parent.id if name == PARENT else parent.columns.get(name)
    # The store tells an instant as text, with its offset.
    return told if told is None or column.type != "timestamp" else datetime.fromisoformat(told)
