"""SQL expressions that several reports share: shares, sizes, ages and columns that stay null."""

from datetime import datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Double,
    Integer,
    Interval,
    Numeric,
    Text,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import FromClause, ScalarSelect

from shared.core.report import Sources
from shared.core.report_parameters import REVIEW_DAYS, STALE_DAYS

_A_DAY: ColumnElement[timedelta] = literal_column("INTERVAL '24 hours'", Interval())


def percent(part: ColumnElement[int], whole: ColumnElement[int]) -> ColumnElement[float]:
    """Return `part` of `whole` in percent, 0 to 100 and beyond, two decimals; null of nothing.

    Null too where either is negative: nothing is a share of that.
    """
    share = func.round(100 * cast(counted(part), Numeric) / case((whole > 0, whole)), 2)
    return cast(share, Double())


def counted(units: ColumnElement[int]) -> ColumnElement[int]:
    """Return a number of things or bytes; null for a negative one, which is none."""
    return case((units >= 0, units))


def known_sum(*parts: ColumnElement[int]) -> ColumnElement[int]:
    """Return the sum of those parts that are known; null if none is."""
    total = reduce(add, (func.coalesce(part, 0) for part in parts))
    return cast(case((or_(*(part.is_not(None) for part in parts)), total)), BigInteger)


def array_length(document: ColumnElement[object]) -> ColumnElement[int]:
    """Return how many elements a jsonb array has; null for null and whatever else is no array."""
    kind = func.jsonb_typeof(document)
    return case((kind == "array", func.jsonb_array_length(document)))


def kibibytes(size: ColumnElement[int]) -> ColumnElement[float]:
    """Return bytes as KB of 1,024 bytes, two decimals."""
    return cast(func.round(cast(size, Numeric) / 1024, 2), Double())


def mebibytes(size: ColumnElement[int]) -> ColumnElement[float]:
    """Return bytes as MB of 1,048,576 bytes, two decimals."""
    return cast(func.round(cast(size, Numeric) / 1024**2, 2), Double())


def gibibytes(size: ColumnElement[int]) -> ColumnElement[float]:
    """Return bytes as GB of 1,073,741,824 bytes, two decimals."""
    return cast(func.round(cast(size, Numeric) / 1024**3, 2), Double())


def above_zero(units: ColumnElement[int]) -> ColumnElement[int]:
    """Return the number, 0 for a negative one; null if unknown, which greatest() takes for 0."""
    return case((units > 0, units), (units <= 0, 0))


def at_least(value: ColumnElement[float], **limits: int | ColumnElement[int]) -> ColumnElement[str]:
    """Return the first code whose limit `value` reaches; null below all of them, or if unknown."""
    return case(*((value >= limit, code) for code, limit in limits.items()))


def days_before(
    instant: ColumnElement[datetime], moment: ColumnElement[datetime]
) -> ColumnElement[int]:
    """Return the whole days from `moment` to `instant`; null if either is unknown.

    Clocks differ: less than a day ahead is 0. What lies further ahead has not happened: null.
    """
    # date_part is double precision; extract is numeric, many times slower, and no day is that exact.
    seconds = func.date_part("epoch", instant - moment)
    days = cast(func.floor(seconds / 86400), BigInteger())
    # Said once: whoever compares days several times would have each repetition written out again,
    # and a statement is planned as long as it is.
    return case((moment <= instant + _A_DAY, func.greatest(days, 0, type_=BigInteger)))


def freshness(s: Sources, days: ColumnElement[int]) -> ColumnElement[str]:
    """Return the code of `labels.FRESHNESS` for an age in days; null if the age is unknown.

    From when on it is to be reviewed, and stale, are parameters of the report.
    """
    review, stale = s.parameter(REVIEW_DAYS), s.parameter(STALE_DAYS)
    return case((days <= review, "normal"), (days <= stale, "review"), (days > stale, "stale"))


def account_status(enabled: ColumnElement[bool]) -> ColumnElement[str]:
    """Return the code of `labels.ACCOUNT`; null if there is no such account."""
    return case((enabled, "enabled"), (~enabled, "disabled"))


def mostly(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that many rows meet, said so that the planner expects half of them to.

    Of an expression it knows nothing: it expects one row in 200 to be equal to something, and rather than
    walk an order until a page is full it would work out all rows, to sort them.
    """
    return func.coalesce(condition, literal_column("false"), type_=Boolean)


def joined(*parts: ColumnElement[str]) -> ColumnElement[str]:
    """Return the known parts with ", " between them; null if none is known."""
    known = func.concat_ws(", ", *(func.nullif(part, "") for part in parts))
    return func.nullif(known, "", type_=Text)


def items(document: ColumnElement[object], path: str) -> FromClause:
    """Return the texts that the SQL/JSON `path` finds in a jsonb document, as column `item`.

    A path that leads nowhere gives no row; a JSON null gives a null item. OFFSET 0 makes the item a
    column: as an expression it could not be looked up by index below a row-level security policy.
    """
    found = func.jsonb_path_query(document, literal_column(f"'{path}'"))
    value = found.table_valued(column("value", JSONB)).render_derived().lateral()
    item = value.c.value.op("#>>", return_type=Text())(literal_column("'{}'")).label("item")
    return select(item).offset(literal_column("0")).lateral()


def said_once(**named: ColumnElement[Any]) -> FromClause:
    """Return one row of expressions of what it is joined to, as columns.

    What is compared several times would be written out, and worked out, each time.
    """
    # What has its expressions from elsewhere still has to stand in a from-clause of its own.
    once = values(column("number", Integer), name="once", literal_binds=True).data([(1,)])
    told = select(*(value.label(name) for name, value in named.items())).select_from(once)
    return told.offset(literal_column("0")).lateral()


def listed(document: ColumnElement[object], path: str) -> ScalarSelect[str]:
    """Return the texts that `path` finds, with ", " between them; null if there are none."""
    texts = func.string_agg(items(document, path).c.item, ", ", type_=Text)
    return select(texts).scalar_subquery()


def has(document: ColumnElement[object], path: str) -> ColumnElement[bool]:
    """Tell whether the SQL/JSON `path` finds anything in a jsonb document."""
    return func.jsonb_path_exists(document, literal_column(f"'{path}'"), type_=Boolean)


def was_read(s: Sources, dataset: str) -> ColumnElement[bool]:
    """Tell whether a dataset was ever read to its end: what it lacks was not there then, else nobody knows."""
    run = s.runs((dataset,)).c
    read = select(func.bool_or(run.complete_at.is_not(None))).scalar_subquery()
    return func.coalesce(read, False, type_=Boolean)


def type_name(odata_type: ColumnElement[str]) -> ColumnElement[str]:
    """Return the type without its namespace; some services leave out the sign before it."""
    return func.regexp_replace(odata_type, r"^#?microsoft\.graph\.", "", type_=Text)
