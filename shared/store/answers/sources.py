"""What a report's query reads: dataset tables narrowed to one tenant and one instant."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from shared.core.collector import Collector, collated
from shared.store.schema.dataset_tables import (
    dataset_table,
    folded,
    found_by_key,
    found_by_value,
)

# The names of the two parameters that every report statement has.
TENANT = "tenant_id"
AS_OF = "as_of"

type CollectorOf = Callable[[str], Collector]


class ReportSources:
    """Sources (see core.report) for a statement with the parameters `tenant_id` and `as_of`.

    `current` reads what is valid now, by the partial indexes; else what was valid at `as_of`. The
    tenant is named although the policies see to it: a superuser's session has no policies.
    `datasets` tells which dataset each from-clause stands for.
    """

    def __init__(self, collector_of: CollectorOf, *, current: bool) -> None:
        self._collector_of = collector_of
        self._current = current
        self.datasets: dict[FromClause, str] = {}

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """The instant the report answers for."""
        return bindparam(AS_OF, None, type_=TIMESTAMP(timezone=True))

    def tenant(self) -> ColumnElement[UUID]:
        """The tenant the report answers for."""
        return bindparam(TENANT, None, type_=Uuid())

    def entity(self, dataset: str) -> FromClause:
        """Objects that were valid at `as_of`."""
        table = dataset_table(self._shaped(dataset, "entity"))
        return self._named(dataset, self._select(dataset, table).where(self._valid(table)))

    def events(self, dataset: str) -> FromClause:
        """Events that had happened and had been collected at `as_of`."""
        collector = self._shaped(dataset, "event")
        table = dataset_table(collector)
        query = self._select(dataset, table).where(found_by_value(table))
        replaced = table.c.valid_to
        if self._current:
            query = query.where(replaced.is_(None))
        else:
            happened = table.c[collector.event_time or ""]
            query = query.where(
                happened <= self.as_of,
                table.c.collected_at <= self.as_of,
                or_(replaced.is_(None), replaced > self.as_of),
            )
        return self._named(dataset, query)

    def measures(self, dataset: str) -> FromClause:
        """Rows of the newest report date that was collected at `as_of`."""
        table = dataset_table(self._shaped(dataset, "measure"))
        other = table.alias()
        newest = select(func.max(other.c.report_date)).where(
            other.c.tenant_id == self.tenant(), self._valid(other)
        )
        query = self._select(dataset, table).add_columns(table.c.report_date)
        query = query.where(self._valid(table), table.c.report_date == newest.scalar_subquery())
        return self._named(dataset, query)

    def is_folded(self, dataset: str, column: str) -> bool:
        """Whether letter case does not count in a dataset's column."""
        return any(
            item.name == column and item.folded for item in self._collector_of(dataset).columns
        )

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
        if self._current:
            return and_(table.c.valid_to.is_(None), found_by_key(table), found_by_value(table))
        # Written as an "or" of the two partial indexes' predicates, so that both serve a condition on
        # the key. A join's look-ups they cannot serve: a page of the past reads its datasets whole.
        # One index over all versions would serve them, at a tenth of what a first load costs.
        open_then = or_(table.c.valid_to.is_(None), table.c.valid_to > self.as_of)
        return and_(found_by_key(table), table.c.valid_from <= self.as_of, open_then)

    def _named(self, dataset: str, query: Select[tuple[object, ...]]) -> Subquery:
        source = query.subquery()
        self.datasets[source] = dataset
        return source


class ViewSources(ReportSources):
    """Sources for a reporting view: the tenant of the role that signed in, now."""

    def __init__(self, collector_of: CollectorOf) -> None:
        super().__init__(collector_of, current=True)

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """The start of the transaction that reads the view."""
        return func.now()

    def tenant(self) -> ColumnElement[UUID]:
        """The tenant whose reports the role may read; null for others."""
        return select(func.kanri.reader_tenant(type_=Uuid())).scalar_subquery()
