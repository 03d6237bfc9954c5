"""What the store is asked and answers: filter tree, order, position; a page of rows, a style of CSV."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

type Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]
type Value = str | int | float | bool | datetime | date | None


class Compare(Struct, frozen=True):
    """`column op value`; value is typed for the column: a date for a date column, else a date-time is
    aware UTC."""

    column: str
    operator: Operator
    value: Value


class Match(Struct, frozen=True):
    """`startswith(column,'x')`, `contains`, `endswith`; letter case is ignored by `contains` only."""

    column: str
    function: Literal["startswith", "contains", "endswith"]
    value: str


class OneOf(Struct, frozen=True):
    """`column in (a,b)`."""

    column: str
    values: tuple[Value, ...]


class Both(Struct, frozen=True):
    left: "Condition"
    right: "Condition"


class Either(Struct, frozen=True):
    left: "Condition"
    right: "Condition"


class Negation(Struct, frozen=True):
    condition: "Condition"


type Condition = Compare | Match | OneOf | Both | Either | Negation


class Order(Struct, frozen=True):
    column: str
    descending: bool = False


class FirstPage(Struct, frozen=True):
    """When a walk through the pages began, and the `Standing.data_version` it began on.

    `parameters` are the values of the report's own that it began with: it ends with them.
    """

    at: datetime
    data_version: str
    parameters: tuple[tuple[str, int], ...]


class ReportQuery(Struct, frozen=True, kw_only=True):
    """What to answer. `order` always ends in the report's row key. `after` is the last row's values
    of the order columns (the keyset position), or None for the first page. `columns` are ids.

    `parameters` are the values of the report's own, by name; one that is absent has its default.
    `as_of` None reads what is valid now; ages then count to `now`, the clock's time if absent.
    `masked` hides personal data (see core.masking). `totals` asks for those of the report's columns.
    """

    as_of: datetime | None
    now: datetime | None = None
    parameters: tuple[tuple[str, int], ...] = ()
    columns: tuple[str, ...]
    order: tuple[Order, ...]
    where: Condition | None = None
    top: int = 100
    after: tuple[Value, ...] | None = None
    count: bool = False
    masked: bool = False
    totals: bool = False


class ColumnTotal(Struct, frozen=True):
    """What the rows on all pages come to in one column.

    `value` is made of `known` values; None if there is none, which is not zero.
    """

    column: str
    value: int | float | None
    known: int


class ReportPage(Struct, frozen=True):
    """Rows of one page, each in the order of `columns`.

    `next` is the position to ask for the next page with, None on the last; `total` the number of
    rows on all pages and `totals` what they come to, if that was asked for. What is withheld has no
    total.
    """

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    next: tuple[object, ...] | None
    total: int | None
    totals: tuple[ColumnTotal, ...] | None = None


class CsvStyle(Struct, frozen=True, kw_only=True):
    """How rows become CSV text; formula cells are neutralised in every style.

    `headers` stand in the order of the query's columns. `labels` maps column id and code to the word
    to print. `time_zone` None prints ISO 8601 in UTC, else local `yyyy-MM-dd HH:mm:ss` in that zone.
    """

    headers: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    quote_all: bool = False
    time_zone: str | None = None
    booleans: tuple[str, str] = ("true", "false")
    bom: bool = True
