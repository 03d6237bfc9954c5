"""A question to a report, parsed: filter tree, order, position. Text in, text out live in shared.web."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

type Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]
type Value = str | int | float | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Compare:
    """`column op value`; value is typed for the column: a date for a date column, else a date-time is
    aware UTC."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Match:
    """`startswith(column,'x')`, `contains`, `endswith`; letter case is ignored by `contains` only."""

    column: str
    function: Literal["startswith", "contains", "endswith"]
    value: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """`column in (a,b)`."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Both:
    left: "Condition"
    right: "Condition"


@dataclass(frozen=True, slots=True)
class Either:
    left: "Condition"
    right: "Condition"


@dataclass(frozen=True, slots=True)
class Negation:
    condition: "Condition"


type Condition = Compare | Match | OneOf | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class Order:
    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """What to answer. `order` always ends in the report's row key. `after` is the last row's values
    of the order columns (the keyset position), or None for the first page. `columns` are ids."""

    as_of: datetime | None
    columns: tuple[str, ...]
    order: tuple[Order, ...]
    where: Condition | None = None
    top: int = 100
    after: tuple[Value, ...] | None = None
    count: bool = False
