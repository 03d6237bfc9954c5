"""What a report's query reads: dataset tables narrowed to one tenant and one instant (`asOf`, or now).

The condition on the instant is `store.schema.predicates.valid_at`. Events have one of their own
(`telling`), objects to be counted go by `counting.every_object`, and the report date
of a measure is found by `newest_date`. What only some reports read is imported by the first of them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Interval,
    Select,
    Subquery,
    Table,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from shared.core.collector import Collector, collated
from shared.core.report_parameter import ReportParameter
from shared.store.schema.dataset_tables import dataset_table, folded
from shared.store.schema.predicates import found_by_key, found_by_value, is_current, valid_at

# The names of the two parameters that every report statement has.
TENANT = "tenant_id"
AS_OF = "as_of"
# What stands before the name of a report's own parameter.
PARAMETER = "p_"

type CollectorOf = Callable[[str], Collector]


class ReportSources:
    """Sources (see core.report) for a statement with the parameters `tenant_id` and `as_of`.

    `current` reads what is valid now, by the partial indexes; else what was valid at `as_of`. The
    tenant is named although the policies see to it: a superuser's session has no policies.
    `datasets` tells which dataset each from-clause stands for.
    """

    # Whether a report's period narrows its events.
    _narrows = True

    def __init__(self, collector_of: CollectorOf, *, current: bool) -> None:
        self._collector_of = collector_of
        self._current = current
        self.tells_time = False  # until the instant is read
        self.datasets: dict[FromClause, str] = {}
        # Whole tables of a report, which pass on the twins of their columns (see answers.twins).
        self.framed: set[FromClause] = set()

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """The instant the report answers for."""
        self.tells_time = True
        return bindparam(AS_OF, None, type_=TIMESTAMP(timezone=True))

    def tenant(self) -> ColumnElement[UUID]:
        """The tenant the report answers for."""
        return bindparam(TENANT, None, type_=Uuid())

    def parameter(self, parameter: ReportParameter) -> ColumnElement[int]:
        """The value of a parameter, which the question brings along."""
        return bindparam(f"{PARAMETER}{parameter.name}", None, type_=BigInteger())

    def ago(self, days: int | ColumnElement[int]) -> "ReportSources":
        """The same sources that many days before."""
        return EarlierSources(self._collector_of, self, days)

    def at(self, name: str) -> "ReportSources":
        """The same sources as they were known at the instant in the parameter `name`."""
        return ThenSources(self._collector_of, name)

    def entity(self, dataset: str) -> FromClause:
        """Objects that were valid at `as_of`."""
        table = dataset_table(self._shaped(dataset, "entity"))
        return self._named(dataset, self._select(dataset, table).where(self._valid(table)))

    def changes(self, dataset: str) -> FromClause:
        """When each object that was valid at `as_of` was last found changed; null if never."""
        from shared.store.answers.changed import last_changes

        table = dataset_table(self._shaped(dataset, "entity"))
        return last_changes(table, self.tenant(), self._valid(table))

    def counted(self, dataset: str) -> FromClause:
        """Objects that were valid at `as_of`, their id and the columns that are counted."""
        from shared.store.answers.counting import every_object

        collector = self._shaped(dataset, "entity")
        table = dataset_table(collector)
        names = ("id", *(column.name for column in collector.columns if column.counted))
        rows = every_object(table, [table.c[name] for name in names], self.tenant(), self._instant)
        return self._named(dataset, rows)

    def gone(self, dataset: str, days: int | ColumnElement[int]) -> FromClause:
        """Objects that were found gone in that many days before `as_of`, and are not back."""
        from shared.store.answers.counting import objects_gone as gone

        table = dataset_table(self._shaped(dataset, "entity"))
        return gone(table, self.tenant(), self.ago(days).as_of, self._instant)

    def events(self, dataset: str, within: ReportParameter | None = None) -> FromClause:
        """Events that had happened and had been collected at `as_of`, within a period before it."""
        from shared.store.answers.telling import not_after, was_told

        collector = self._shaped(dataset, "event")
        table = dataset_table(collector)
        happened = table.c[collector.event_time or ""]
        query = self._select(dataset, table).where(found_by_value(table))
        if self._current:
            query = query.where(is_current(table))
        else:
            query = query.where(not_after(happened, self.as_of), was_told(table, self.as_of))
        if within is not None and self._narrows:
            query = query.where(happened > self.as_of - days_long(self.parameter(within)))
        return self._named(dataset, query)

    def measures(self, dataset: str, back: int | ColumnElement[int] = 0) -> FromClause:
        """Rows of the newest report date that was collected at `as_of`, or `back` days before it."""
        table = dataset_table(self._shaped(dataset, "measure"))
        wanted = self._newest(table)
        if not (isinstance(back, int) and back == 0):
            wanted = _days_before(wanted, back)
        return self._named(dataset, self._dated(dataset, table.c.report_date == wanted))

    def series(self, dataset: str, days: int | ColumnElement[int]) -> FromClause:
        """Rows of that many report dates, the newest and the days before it."""
        table = dataset_table(self._shaped(dataset, "measure"))
        first = _days_before(self._newest(table), days)
        return self._named(dataset, self._dated(dataset, table.c.report_date > first))

    def runs(self, datasets: Sequence[str]) -> FromClause:
        """The last collection of each dataset that had ended at `as_of`."""
        from shared.store.answers.own_work import last_runs

        for dataset in datasets:
            self._collector_of(dataset)
        return last_runs(datasets, self.tenant(), self._instant)

    def first_reads(self, datasets: Sequence[str]) -> FromClause:
        """From when on something is known of each dataset."""
        from shared.store.answers.own_work import first_reads

        for dataset in datasets:
            self._collector_of(dataset)
        return first_reads(datasets, self.tenant(), self._instant)

    def failures(self, datasets: Sequence[str]) -> FromClause:
        """The collections of these datasets that had failed at `as_of` because of Microsoft Graph."""
        from shared.store.answers.own_work import failures

        for dataset in datasets:
            self._collector_of(dataset)
        return failures(datasets, self.tenant(), self._instant)

    def answers(self, until: str, services: Mapping[str, Sequence[str]]) -> FromClause:
        """How Graph answered in the 24 hours before the last collection of `until` ended."""
        from shared.store.answers.graph_answers import answers

        ended = select(self.runs((until,)).c.finished_at).scalar_subquery()
        return answers(services, self.tenant(), ended)

    def looks(self, components: Sequence[str]) -> FromClause:
        """How each component was when it was last looked at."""
        from shared.store.answers.own_work import last_looks

        return last_looks(components, self.tenant(), self._instant)

    def consent(self) -> FromClause:
        """What was granted when somebody last looked, if that was before `as_of`."""
        from shared.store.answers.own_work import consent

        return consent(self.tenant(), self._instant)

    @property
    def _instant(self) -> ColumnElement[datetime] | None:
        return None if self._current else self.as_of

    def _newest(self, table: Table) -> ColumnElement[date]:
        from shared.store.answers.newest_date import newest_date

        if not self._current:
            return newest_date(table, self.tenant(), self.as_of)
        other = table.alias()
        of_tenant = (other.c.tenant_id == self.tenant(), self._valid(other))
        return select(func.max(other.c.report_date)).where(*of_tenant).scalar_subquery()

    def _dated(self, dataset: str, of_dates: ColumnElement[bool]) -> Select[tuple[object, ...]]:
        table = dataset_table(self._shaped(dataset, "measure"))
        query = self._select(dataset, table).add_columns(table.c.report_date)
        return query.where(self._valid(table), of_dates)

    def is_folded(self, dataset: str, column: str) -> bool:
        """Whether letter case does not count in a dataset's column."""
        columns = self._collector_of(dataset).columns
        return any(item.name == column and item.folded for item in columns)

    def has_trigrams(self, dataset: str, column: str) -> bool:
        """Whether substring search of a dataset's column has an index that serves this instant."""
        searches = {item.name: item.search for item in self._collector_of(dataset).columns}
        return self._current and searches.get(column) == "substring"

    def _shaped(self, dataset: str, shape: str) -> Collector:
        collector = self._collector_of(dataset)
        if collector.shape != shape:
            raise ValueError(f"{dataset} holds shape {collector.shape}, not {shape}")
        return collector

    def _select(self, dataset: str, table: Table) -> Select[tuple[object, ...]]:
        columns = self._collector_of(dataset).columns
        declared = [table.c[column.name] for column in columns]
        declared += [table.c[folded(column.name)] for column in columns if column.folded]
        declared += [table.c[collated(column.name)] for column in columns if column.collated]
        if "parent_id" in table.c:
            declared.append(table.c.parent_id)
        return select(table.c.id, *declared, table.c.raw).where(table.c.tenant_id == self.tenant())

    def _valid(self, table: FromClause) -> ColumnElement[bool]:
        then = is_current(table) if self._current else valid_at(table, self.as_of)
        return and_(then, found_by_key(table), found_by_value(table))

    def _named(self, dataset: str, query: Select[tuple[object, ...]]) -> Subquery:
        source = query.subquery()
        self.datasets[source] = dataset
        return source


class ThenSources(ReportSources):
    """Sources as they were known at a second instant, which is the parameter `name`."""

    def __init__(self, collector_of: CollectorOf, name: str) -> None:
        super().__init__(collector_of, current=False)
        self._name = name

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """The second instant."""
        return bindparam(self._name, None, type_=TIMESTAMP(timezone=True))


class EarlierSources(ReportSources):
    """Sources as they were known `days` before the instant of others."""

    def __init__(
        self, collector_of: CollectorOf, of: ReportSources, days: int | ColumnElement[int]
    ) -> None:
        super().__init__(collector_of, current=False)
        self._of = of
        self._days = days

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """That much before the instant of the others."""
        return self._of.as_of - days_long(self._days)

    def tenant(self) -> ColumnElement[UUID]:
        """The tenant of the others."""
        return self._of.tenant()

    def parameter(self, parameter: ReportParameter) -> ColumnElement[int]:
        """The value that it has for the others."""
        return self._of.parameter(parameter)


def _days_before(day: ColumnElement[date], days: int | ColumnElement[int]) -> ColumnElement[date]:
    # A date less an integer is a date; less a bigint, which parameters are, it is nothing.
    return type_coerce(day - cast(days, Integer), Date())


def days_long(days: int | ColumnElement[int]) -> ColumnElement[timedelta]:
    """Return that many days of 24 hours as an interval."""
    one = literal_column("INTERVAL '24 hours'", Interval())
    return type_coerce(cast(days, Double()) * one, Interval())


@lru_cache(maxsize=256)
def built(
    query: Callable[[ReportSources], Select[Any]], collector_of: CollectorOf, *, current: bool
) -> tuple[ReportSources, Select[Any]]:
    """Return a report's query and what it reads; building one costs milliseconds."""
    sources = ReportSources(collector_of, current=current)
    return sources, query(sources)
