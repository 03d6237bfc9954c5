"""Which rows of a dataset hold at an instant, and by which index they are looked up.

PostgreSQL uses a partial index only where the statement says its condition. So each index of a dataset
has a condition that is always true, and each statement says one of them: it can be planned in one way
only, whatever the statistics know of a tenant. Without, an index that merely begins with the tenant is
as good as the key's for a tenant of seemingly one row.
https://www.postgresql.org/docs/current/indexes-partial.html
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, literal_column
from sqlalchemy.dialects.postgresql import TIMESTAMP

from shared.core.collector import Collector

# The key's index says the first, the others the second. Not both are bounds: with a lower one beside
# it the planner takes "began before the instant", when it does not know the instant, for a narrow
# range, expects hardly a row, and sorts what an index has in order.
BY_KEY, BY_VALUE = "t.valid_from IS DISTINCT FROM '-infinity'", "t.valid_from < 'infinity'"
# Said by who looks among all versions of a key, in words that follow from no other condition: the
# index of the current ones is never mistaken for the one of all, or the other way round.
OF_ANY_TIME = "t.valid_until IS DISTINCT FROM '-infinity'"

NEVER, _FOREVER = (
    literal_column(f"'{name}'::timestamptz", TIMESTAMP(timezone=True))
    for name in ("-infinity", "infinity")
)


def known_since(collector: Collector | None) -> str:
    """Return the column that says from when on a row was known; events say when they were told.

    A dataset that the catalogue does not have (any more) holds versions.
    """
    is_event = collector is not None and collector.event_time is not None
    return "collected_at" if is_event else "valid_from"


def by_key(collector: Collector | None, row: str = "t") -> str:
    """Return BY_KEY as it reads for `row` of a dataset."""
    return BY_KEY.replace("valid_from", known_since(collector)).replace("t.", f"{row}.")


def by_value(collector: Collector | None, row: str = "t") -> str:
    """Return BY_VALUE as it reads for `row` of a dataset."""
    return BY_VALUE.replace("valid_from", known_since(collector)).replace("t.", f"{row}.")


def found_by_key(table: FromClause) -> ColumnElement[bool]:
    """Say that the rows of any dataset are looked up by their key."""
    return _known(table).is_distinct_from(NEVER)


def found_by_value(table: FromClause) -> ColumnElement[bool]:
    """Say that the rows of any dataset are looked up by another column than their key."""
    return _known(table) < _FOREVER


def found_by_stay(table: FromClause) -> ColumnElement[bool]:
    """Say that all objects of an instant are looked for, in no order."""
    return _known(table).is_distinct_from(_FOREVER)


def of_any_time(table: FromClause) -> ColumnElement[bool]:
    """Say that the versions of a key are looked for among those of any time."""
    return table.c.valid_until.is_distinct_from(NEVER)


def is_current(table: FromClause) -> ColumnElement[bool]:
    """Tell whether a version has not ended."""
    return table.c.valid_until == _FOREVER


def valid_at(table: FromClause, instant: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Tell whether a version was valid at an instant."""
    return and_(of_any_time(table), _known(table) <= instant, table.c.valid_until > instant)


def _known(table: FromClause) -> ColumnElement[Any]:
    return table.c["valid_from" if "valid_from" in table.c else "collected_at"]
