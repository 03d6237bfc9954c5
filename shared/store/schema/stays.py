"""How long a version was valid, in classes that double: what finds all objects of an instant at once.

A version that stayed less than `2 ** n` hours was valid at an instant only if it began less than that
before it. So one range of (class, beginning) a class holds all that were, and of what stands in the
ranges about half was, however many versions came before and after.
"""

from datetime import timedelta

from sqlalchemy import Column, Computed, SmallInteger

# The last class that has an end stays 2 ** 18 hours, thirty years; a longer one may have begun ever.
_ENDS = tuple(timedelta(hours=2**doubled) for doubled in range(19))
# Of a version that has not ended.
OPEN = 99

# Class and what its versions stay less than.
STAYS: tuple[tuple[int, timedelta | None], ...] = (
    *enumerate(_ENDS),
    (len(_ENDS), None),
    (OPEN, None),
)


def stay_column() -> Column[int]:
    """Return the column `stay`, the class of a version."""
    ends = ", ".join(str(round(end.total_seconds())) for end in _ENDS)
    seconds = "date_part('epoch', valid_to - valid_from)"
    closed = f"width_bucket({seconds}, ARRAY[{ends}]::float8[])"
    stay = f"(CASE WHEN valid_to IS NULL THEN {OPEN} ELSE {closed} END)::smallint"
    return Column("stay", SmallInteger, Computed(stay, persisted=True))
