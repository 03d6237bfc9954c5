"""What a reporting view's query reads: of the tenant whose reports its reader may read, what is so now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Uuid, func, literal, select

from shared.core.report_parameter import ReportParameter
from shared.store.answers.sources import CollectorOf, ReportSources


class ViewSources(ReportSources):
    """Sources for a reporting view: the tenant of the role that signed in, now."""

    # Whoever reads a view narrows it by a condition of his own.
    _narrows = False

    def __init__(self, collector_of: CollectorOf) -> None:
        super().__init__(collector_of, current=True)

    @property
    def as_of(self) -> ColumnElement[datetime]:
        """The start of the transaction that reads the view."""
        return func.now()

    def parameter(self, parameter: ReportParameter) -> ColumnElement[int]:
        """The default: a view takes no parameters."""
        return literal(parameter.default, BigInteger())

    def tenant(self) -> ColumnElement[UUID]:
        """The tenant whose reports the role may read; null for others."""
        return select(func.kanri.reader_tenant(type_=Uuid())).scalar_subquery()
