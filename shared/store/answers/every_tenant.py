"""A report of several tenants: each is asked by itself, and says in its first columns whose its rows are."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam

from shared.core.report import Report, ReportColumn, Sources
from shared.store.answers.own_table import OwnTable

_ID, _NAME = "tenant_id", "tenant_name"
# The parameters that hold what stands in these columns.
_PARAMETERS = {_ID: "whose_id", _NAME: "whose_name"}
_COLUMNS = (
    ReportColumn(_ID, "text", "Tenant ID", "テナント ID"),
    ReportColumn(_NAME, "text", "Tenant", "テナント"),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What decides the report; `report` comes with its query."""

    query: Callable[..., Select[Any]]
    report: Report = field(compare=False)


def of_every_tenant(report: Report) -> Report:
    """Return a report with the tenant before its own columns; asked of one tenant after the other.

    It takes the values of `whose`. Its row key is that of the report, within a tenant.
    """
    return _of_every_tenant(_Asked(report.query, report))


def whose(tenant_id: UUID, name: str) -> dict[str, object]:
    """Return the values of the parameters that say whose rows they are."""
    return {_PARAMETERS[_ID]: str(tenant_id), _PARAMETERS[_NAME]: name}


@lru_cache(maxsize=256)
def _of_every_tenant(asked: _Asked) -> Report:
    report = asked.report

    def query(sources: Sources) -> Select[Any]:
        own = report.query(sources)
        named = (
            bindparam(parameter, None, type_=Text()).label(column)
            for column, parameter in _PARAMETERS.items()
        )
        columns: list[ColumnElement[Any]] = [*named, *own.selected_columns]
        return own.with_only_columns(*columns, maintain_column_froms=True)

    columns = (*_COLUMNS, *(replace(column, total=None) for column in report.columns))
    table = OwnTable(report.table.file, columns, query, report.needs, report.parameters)
    return replace(report, table=table, chart=None, powershell=None)
