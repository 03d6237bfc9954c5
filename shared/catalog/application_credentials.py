"""What applications sign in with, and until when: secrets and certificates, of registration and principal.

https://learn.microsoft.com/en-us/graph/api/resources/passwordcredential

- `expired`: all of them have ended: the application cannot sign in with any.
- `expiring`: one that has not ended does so within `credentialDays` (30). Which one the application
  uses Microsoft does not say, so another that lasts longer does not count.
- `valid`: none ends that soon. `none`: there is no credential. Nothing is said while one may be unknown.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Interval,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from shared.catalog.expressions import items
from shared.core.report import Sources
from shared.core.report_parameters import CREDENTIAL_DAYS
from shared.core.text import Text

CREDENTIAL_STATE: Mapping[str, Text] = {
    "expired": Text("Expired", "期限切れ"),
    "expiring": Text("Near expiry", "期限間近"),
    "valid": Text("Valid", "有効"),
    "none": Text("No credential", "資格情報なし"),
}

_EMPTY: ColumnElement[object] = literal_column("CAST('[]' AS jsonb)", JSONB())
_A_DAY = literal_column("INTERVAL '24 hours'", Interval())
# Scripts that want no end ask for the year 2299, portals for 2 years at most.
_ENDLESS: ColumnElement[datetime] = literal_column("TIMESTAMPTZ '2200-01-01 00:00:00Z'")


def credentials(
    s: Sources, *lists: ColumnElement[object], known: ColumnElement[bool]
) -> FromClause:
    """Return one row for the jsonb lists of credentials; what is no list counts for nothing.

    `number` of them, `expired` ones, `next_end` of one that has not ended, `last_end`: all null unless
    all lists there are are `known`.
    """
    whole: ColumnElement[object] = _EMPTY
    for each in lists:
        is_list = func.jsonb_typeof(each) == "array"
        whole = cast(whole.op("||")(case((is_list, each), else_=_EMPTY)), JSONB())
    whole = case((known, whole))
    told = items(whole, "$[*].endDateTime").c.item
    is_time = func.pg_input_is_valid(told, "timestamptz")
    end = case((is_time, cast(told, TIMESTAMP(timezone=True)))).label("end")
    # OFFSET keeps it a column: else it would be calculated for each of the figures.
    ends = select(end).select_from(told.table).offset(literal_column("0")).lateral("ends")
    at = ends.c.end
    number = func.jsonb_array_length(whole)
    return (
        select(
            cast(number, BigInteger).label("number"),
            case((number.is_not(None), func.count().filter(at <= s.as_of))).label("expired"),
            func.min(at).filter(at > s.as_of, at < _ENDLESS).label("next_end"),
            func.max(at).label("last_end"),
        )
        .select_from(ends)
        .lateral("credentials")
    )


def credential_state(s: Sources, held: FromClause) -> ColumnElement[str]:
    """Return the code of `CREDENTIAL_STATE`."""
    row = held.c
    soon = s.as_of + cast(s.parameter(CREDENTIAL_DAYS), BigInteger) * _A_DAY
    return case(
        (row.number == 0, "none"),
        (row.expired >= row.number, "expired"),
        (row.next_end <= soon, "expiring"),
        (row.number > 0, "valid"),
    )


def days_left(s: Sources, held: FromClause) -> ColumnElement[int]:
    """Return the whole days until the next one ends; null if none that has not ended does."""
    seconds = func.date_part("epoch", held.c.next_end - s.as_of)
    return cast(func.floor(seconds / 86400), BigInteger)
