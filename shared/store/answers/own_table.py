"""The table of a report over Kanri's own rows: it stands in no catalogue and has no dataset."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from shared.core.report import ReportColumn, Sources
from shared.core.report_parameter import ReportParameter


@dataclass(frozen=True, slots=True)
class OwnTable:
    """See core.report.ReportTable; `file` is where the rows are said."""

    file: str
    columns: tuple[ReportColumn, ...]
    query: Callable[[Sources], Select[Any]]
    needs: tuple[str, ...] = ()
    parameters: tuple[ReportParameter, ...] = ()
