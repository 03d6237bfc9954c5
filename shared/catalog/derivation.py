"""What follows from a report's expressions: the datasets read, the type of a column, whose data.

The report's function is run over sources that hold no table of the store, only what the collectors
declare; each expression is then followed back to the dataset columns that it reads.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Float,
    FromClause,
    Integer,
    String,
    Text,
    bindparam,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON, TypeEngine

from shared.catalog.origins import origins
from shared.core.collector import Collector, collated
from shared.core.report import ValueType
from shared.core.report_parameter import ReportParameter

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

_AS_OF = "as_of"


class Origin(Struct, frozen=True):
    """What values are from: whether from a column that is `personal`, from which datasets, whether
    they count up to the instant of the answer; `inputs` are `dataset.column`, and names of parameters."""

    personal: bool
    datasets: frozenset[str]
    inputs: frozenset[str]
    tells_time: bool


class DeclaredSources:
    """Sources (see core.report) made of declarations alone; `asked` are the datasets asked for."""

    def __init__(self, collector_of: CollectorOf | None = None) -> None:
        self._collector_of = collector_of or _of_the_catalogue
        # A dict, because a set would forget the order.
        self.asked: dict[str, None] = {}
        # By name: a report that asks twice takes one parameter.
        self.parameters: dict[str, ReportParameter] = {}
        self._personal: dict[FromClause, frozenset[str]] = {}
        self._datasets: dict[FromClause, str] = {}

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """Some instant."""
        return bindparam(_AS_OF, None, type_=DECLARED_TYPES["timestamp"])

    def parameter(self, parameter: ReportParameter) -> ColumnElement[int]:
        """Some value of a parameter. ValueError if it was asked for with another default before."""
        if self.parameters.setdefault(parameter.name, parameter) != parameter:
            raise ValueError(f"{parameter.name} has two defaults")
        return bindparam(parameter.name, None, type_=DECLARED_TYPES["int"])

    def ago(self, days: int | ColumnElement[int]) -> "DeclaredSources":  # noqa: ARG002
        """The same: a past row has the columns of today's."""
        return self

    def entity(self, dataset: str) -> FromClause:
        """The columns of a dataset of objects."""
        return self._declared(dataset)

    def changes(self, dataset: str) -> FromClause:
        """The instants at which objects changed."""
        self.asked[dataset] = None
        text, instant = DECLARED_TYPES["text"], DECLARED_TYPES["timestamp"]
        return table("changes", column("id", text), column("changed_at", instant))

    def counted(self, dataset: str) -> FromClause:
        """The columns of a dataset of objects that are counted."""
        return self._declared(dataset)

    def gone(self, dataset: str, days: int | ColumnElement[int]) -> FromClause:  # noqa: ARG002
        """The instants at which objects were found gone."""
        self.asked[dataset] = None
        text, instant = DECLARED_TYPES["text"], DECLARED_TYPES["timestamp"]
        return table("gone", column("id", text), column("gone_at", instant))

    def events(self, dataset: str, within: ReportParameter | None = None) -> FromClause:
        """The columns of a dataset of events."""
        if within is not None:
            self.parameter(within)
        return self._declared(dataset)

    def measures(self, dataset: str, back: int | ColumnElement[int] = 0) -> FromClause:  # noqa: ARG002
        """The columns of a dataset of measures, and their date."""
        return self._declared(dataset)

    def series(self, dataset: str, days: int | ColumnElement[int]) -> FromClause:  # noqa: ARG002
        """The columns of a dataset of measures, and their date."""
        return self._declared(dataset)

    def runs(self, datasets: Sequence[str]) -> FromClause:
        """The columns of the last runs of datasets."""
        self.asked |= dict.fromkeys(datasets)
        kinds: dict[str, ValueType] = {"dataset": "text", "state": "text", "cause": "text"}
        kinds |= dict.fromkeys(("started_at", "finished_at", "complete_at"), "timestamp")
        return table("runs", *(column(name, DECLARED_TYPES[kind]) for name, kind in kinds.items()))

    def first_reads(self, datasets: Sequence[str]) -> FromClause:
        """The columns of how far back datasets are known."""
        self.asked |= dict.fromkeys(datasets)
        since = (column(f"{name}_since", DECLARED_TYPES["timestamp"]) for name in ("known", "told"))
        return table("first_reads", column("dataset", DECLARED_TYPES["text"]), *since)

    def failures(self, datasets: Sequence[str]) -> FromClause:
        """The columns of runs that failed."""
        return self.runs(datasets)

    def answers(self, until: str, services: Mapping[str, Sequence[str]]) -> FromClause:  # noqa: ARG002
        """The columns of how Graph answered."""
        self.asked[until] = None
        kinds: dict[str, ValueType] = {"subject": "text", "requests": "int", "failed": "int"}
        kinds["median_ms"] = "float"
        return table(
            "answers", *(column(name, DECLARED_TYPES[kind]) for name, kind in kinds.items())
        )

    def looks(self, components: Sequence[str]) -> FromClause:  # noqa: ARG002
        """The columns of what was seen of components."""
        text, instant = DECLARED_TYPES["text"], DECLARED_TYPES["timestamp"]
        names = [column(name, text) for name in ("component", "state", "cause")]
        return table("looks", *names, column("looked_at", instant))

    def consent(self) -> FromClause:
        """The columns of what is granted."""
        text, instant = DECLARED_TYPES["text"], DECLARED_TYPES["timestamp"]
        return table("consent", column("permission", text), column("seen_at", instant))

    def _declared(self, dataset: str) -> FromClause:
        self.asked[dataset] = None
        spec = self._collector_of(dataset)
        kinds: dict[str, ValueType] = {item.name: item.type for item in spec.columns}
        kinds |= {f"{item.name}_folded": item.type for item in spec.columns if item.folded}
        kinds |= {collated(item.name): item.type for item in spec.columns if item.collated}
        kinds |= {"id": "text", "parent_id": "text", "raw": "json", "report_date": "date"}
        # A name of its own for each: two readings of a dataset are two from-clauses.
        columns = (column(name, DECLARED_TYPES[kind]) for name, kind in kinds.items())
        source = table(f"{dataset}_{len(self._personal)}", *columns)
        self._datasets[source] = dataset
        names = {item.name for item in spec.columns if item.personal}
        if spec.names_people:
            names.add("id")
        # The whole object has everything in it.
        twins = (twin for name in names for twin in (f"{name}_folded", collated(name)))
        self._personal[source] = frozenset({*names, *twins, "raw"})
        return source

    def type_of(self, value: ColumnElement[Any]) -> ValueType:
        """Return the report type of an expression; TypeError if the expression has none."""
        for kind, name in _VALUE_TYPES:
            if isinstance(value.type, kind):
                return name
        raise TypeError(f"{value} is of type {value.type!r}, which is none of a report's")

    def origin_of(self, value: ColumnElement[Any]) -> Origin:
        """Return what the values of an expression are from."""
        columns, parameters = origins(value)
        tables = [(read.name, read.table) for read in columns if read.table is not None]
        return Origin(
            personal=any(name in self._personal.get(source, ()) for name, source in tables),
            datasets=frozenset(
                self._datasets[source] for _, source in tables if source in self._datasets
            ),
            inputs=frozenset(
                {
                    f"{self._datasets[source]}.{self._plain(source, name)}"
                    for name, source in tables
                    if source in self._datasets
                }
                | (parameters & self.parameters.keys())
            ),
            tells_time=_AS_OF in parameters,
        )

    def _plain(self, source: FromClause, name: str) -> str:
        """The column that a twin is of, by which it is compared or sorted."""
        for twin in ("_folded", "_collated"):
            if (plain := name.removesuffix(twin)) != name and plain in source.c:
                return plain
        return name


def _of_the_catalogue(dataset: str) -> Collector:
    from shared.core import registry

    return registry.collector(dataset)
