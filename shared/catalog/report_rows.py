"""A report's function from sources to a table, and what is derived from it once."""

from collections.abc import Callable
from functools import cached_property
from inspect import getfile
from typing import TYPE_CHECKING, Any

from shared.catalog.derivation import CollectorOf, DeclaredSources
from shared.core.report import ReportColumn, Sources
from shared.core.report_parameter import ReportParameter

if TYPE_CHECKING:
    from sqlalchemy import Select

    from shared.catalog.table import Table


class ReportRows:
    """A function from sources to a table, with what follows from it; see core.report.ReportTable."""

    def __init__(
        self, table: Callable[[Sources], "Table"], collector_of: CollectorOf | None = None
    ) -> None:
        self._table = table
        self._collector_of = collector_of

    @property
    def file(self) -> str:
        """The source file of the function."""
        return getfile(self._table)

    @property
    def needs(self) -> tuple[str, ...]:
        """The datasets that the function asks for."""
        return self._derived[0]

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """The columns with type and whose data they are."""
        return self._derived[1]

    @property
    def parameters(self) -> tuple[ReportParameter, ...]:
        """The parameters that the function asks for."""
        return self._derived[2]

    @cached_property
    def query(self) -> "Callable[[Sources], Select[Any]]":
        """The selectable of the table."""
        return lambda sources: self._table(sources).select()

    @cached_property
    def _derived(
        self,
    ) -> tuple[tuple[str, ...], tuple[ReportColumn, ...], tuple[ReportParameter, ...]]:
        sources = DeclaredSources(self._collector_of)
        table = self._table(sources)
        columns = tuple(
            ReportColumn(
                id=column.id,
                type=sources.type_of(column.value),
                en=column.words.en,
                ja=column.words.ja,
                personal=origin.personal if column.personal is None else column.personal,
                labels=column.labels,
                unavailable=column.unavailable,
                total=column.total,
                reads=origin.datasets,
                inputs=origin.inputs,
                tells_time=origin.tells_time,
            )
            for column, origin in (
                (column, sources.origin_of(column.value)) for column in table.columns
            )
        )
        return tuple(sources.asked), columns, tuple(sources.parameters.values())


def report_table(table: Callable[[Sources], "Table"]) -> ReportRows:
    """Make a function the table of a report of the catalogue."""
    return ReportRows(table)
