"""What follows from a report's expressions: the datasets read, the type of a column, whose data.

The report's function is run over sources that hold no table of the store, only what the collectors
declare; each expression is then followed back to the dataset columns that it reads.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnClause,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    Double,
    Float,
    FromClause,
    Integer,
    Select,
    String,
    TableClause,
    Text,
    bindparam,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.sql.visitors import ExternallyTraversible
from sqlalchemy.types import JSON, TypeEngine

from shared.core.collector import Collector
from shared.core.report import ValueType

type CollectorOf = Callable[[str], Collector]

DECLARED_TYPES: dict[ValueType, TypeEngine[Any]] = {
    "text": Text(),
    "bool": Boolean(),
    "int": BigInteger(),
    "float": Double(),
    "timestamp": DateTime(timezone=True),
    "date": Date(),
    "json": JSONB(),
}
# The first that fits; NUMERIC fits none: its digits would come out as they were calculated.
_VALUE_TYPES: tuple[tuple[type[TypeEngine[Any]], ValueType], ...] = (
    (String, "text"),
    (Boolean, "bool"),
    (Integer, "int"),
    (Float, "float"),
    (DateTime, "timestamp"),
    (Date, "date"),
    (JSON, "json"),
)


class DeclaredSources:
    """Sources (see core.report) made of declarations alone; `asked` are the datasets asked for."""

    def __init__(self, collector_of: CollectorOf | None = None) -> None:
        self._collector_of = collector_of or _of_the_catalogue
        # A dict, because a set would forget the order.
        self.asked: dict[str, None] = {}
        self._personal: dict[FromClause, frozenset[str]] = {}

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """Some instant."""
        return bindparam("as_of", None, type_=DECLARED_TYPES["timestamp"])

    def entity(self, dataset: str) -> FromClause:
        """The columns of a dataset of objects."""
        return self._declared(dataset)

    def events(self, dataset: str) -> FromClause:
        """The columns of a dataset of events."""
        return self._declared(dataset)

    def measures(self, dataset: str) -> FromClause:
        """The columns of a dataset of measures, and their date."""
        return self._declared(dataset)

    def _declared(self, dataset: str) -> FromClause:
        self.asked[dataset] = None
        spec = self._collector_of(dataset)
        kinds: dict[str, ValueType] = {item.name: item.type for item in spec.columns}
        kinds |= {"id": "text", "parent_id": "text", "raw": "json", "report_date": "date"}
        # A name of its own for each: two readings of a dataset are two from-clauses.
        columns = (column(name, DECLARED_TYPES[kind]) for name, kind in kinds.items())
        source = table(f"{dataset}_{len(self._personal)}", *columns)
        # The whole object has everything in it.
        names = {item.name for item in spec.columns if item.personal} | {"raw"}
        self._personal[source] = frozenset(names)
        return source

    def type_of(self, value: ColumnElement[Any]) -> ValueType:
        """Return the report type of an expression; TypeError if the expression has none."""
        for kind, name in _VALUE_TYPES:
            if isinstance(value.type, kind):
                return name
        raise TypeError(f"{value} is of type {value.type!r}, which is none of a report's")

    def is_personal(self, value: ColumnElement[Any]) -> bool:
        """Tell whether an expression reads a dataset column that is declared personal."""
        return any(
            read.name in self._personal.get(read.table, ())
            for read in _columns_read(value)
            if read.table is not None
        )


def _columns_read(value: ExternallyTraversible) -> Iterator[ColumnClause[Any]]:
    """Yield the columns of tables that an expression is calculated from.

    A subquery's rows are chosen by its condition, so what that reads counts; what it is joined by
    does not, as little as the report's own joins do.
    """
    left, seen = [value], {id(value)}
    while left:
        item = left.pop()
        if isinstance(item, ColumnClause) and isinstance(item.table, TableClause):
            yield item
            continue
        for part in _parts(item):
            if id(part) not in seen:
                seen.add(id(part))
                left.append(part)


def _parts(item: ExternallyTraversible) -> list[ExternallyTraversible]:
    match item:
        case ColumnClause(table=AliasedReturnsRows() as rows):
            return _origins(item, rows)
        case Select():
            chosen = [] if item.whereclause is None else [item.whereclause]
            return [*item.selected_columns, *chosen]
        case _:
            return list(item.get_children())


def _origins(item: ColumnClause[Any], rows: AliasedReturnsRows) -> list[ExternallyTraversible]:
    """The expressions behind a column of a subquery, or the function behind one of its rows."""
    element: Any = rows
    while isinstance(element, AliasedReturnsRows):
        element = element.element
    if isinstance(element, CompoundSelect):
        place = element.selected_columns.keys().index(item.key)
        return [list(part.selected_columns)[place] for part in element.selects]
    if isinstance(element, Select):
        return [element.selected_columns[item.key]]
    return list(element.get_children())


def _of_the_catalogue(dataset: str) -> Collector:
    from shared.core import registry

    return registry.collector(dataset)
