"""A report as a file of the PowerShell tool told it: the rows of one import, as a report of its own.

Filter, order, pages, masking and files work as in any report; nothing that was collected is read.
"""

from collections.abc import Callable, Iterator
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Double,
    Select,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from shared.core.report import Report, ReportColumn, Sources
from shared.store.answers.own_table import OwnTable
from shared.store.answers.reports import Snapshot
from shared.store.answers.sources import ReportSources
from shared.store.registers.imported_reports import IMPORTED_ROWS
from shared.store.schema.dataset_tables import folded

# The parameter that holds the import; the column that makes every order total.
_IMPORT, LINE = "import_id", "line"

_NEWEST = """
    SELECT import_id, described_at, imported_at, rows FROM kanri.imported_reports
    WHERE tenant_id = %s AND report = %s AND described_at <= %s
    ORDER BY described_at DESC, imported_at DESC, import_id LIMIT 1
"""


class Found(Struct, frozen=True):
    """The file that tells of an instant: the newest up to it, of one instant what was imported last."""

    import_id: UUID
    described_at: datetime
    imported_at: datetime
    rows: int


def find(snapshot: Snapshot, tenant_id: UUID, key: str, as_of: datetime) -> Found | None:
    """Return the file of report `key` that tells of `as_of`, None if there is none.

    Rows that are asked of the snapshot for `imported_report` are those of that file from then on.
    """
    row = snapshot.give({}).execute(_NEWEST, [tenant_id, key, as_of]).fetchone()
    if row is None:
        return None
    snapshot.give({_IMPORT: row[0]})
    return Found(*row)  # type: ignore[arg-type]  # as the table has them


@dataclass(frozen=True, slots=True)
class _Of:
    query: Callable[..., Select[Any]]
    report: Report = field(compare=False)


def imported_report(report: Report) -> Report:
    """Return what stands for a report where its rows are an import's: the same columns, and `line`.

    What no API tells, and is null otherwise, was told by the file: nobody has said that it is not
    personal, so that it counts as that.
    """
    return _imported_report(_Of(report.query, report))


@lru_cache(maxsize=64)
def _imported_report(of: _Of) -> Report:
    columns = tuple(_columns(of.report))

    def query(sources: Sources) -> Select[Any]:
        assert isinstance(sources, ReportSources)  # noqa: S101  (no catalogue has this report)
        return _select(columns, sources)

    return replace(of.report, table=OwnTable(__file__, columns, query), row_key=(LINE,), lacks={})


def _columns(report: Report) -> Iterator[ReportColumn]:
    for one in report.columns:
        personal = one.personal or one.unavailable is not None
        yield replace(one, personal=personal, unavailable=None, reads=frozenset())
    yield ReportColumn(LINE, "int", "Line", "行")


def _select(columns: tuple[ReportColumn, ...], sources: ReportSources) -> Select[Any]:
    row = IMPORTED_ROWS.c
    *told, line = columns
    values = {one.id: _value(one) for one in told}
    lower = [func.lower(values[one.id]).label(folded(one.id)) for one in told if one.type == "text"]
    own = row.tenant_id == sources.tenant(), row.import_id == bindparam(_IMPORT, None, type_=Uuid())
    labelled = (value.label(name) for name, value in values.items())
    body = select(*labelled, *lower, row.line).where(*own).subquery()
    sources.framed |= {body}
    return select(*(body.c[one.id].label(one.id) for one in (*told, line)))


def _value(column: ReportColumn) -> ColumnElement[Any]:
    cell = IMPORTED_ROWS.c["values"][column.id]
    if column.type == "json":
        return cell
    told: ColumnElement[Any] = cell.as_string()
    match column.type:
        case "bool":
            return cast(told, Boolean)
        case "int":
            return cast(told, BigInteger)
        case "float":
            return cast(told, Double)
        case "timestamp":
            return cast(told, TIMESTAMP(timezone=True))
        case "date":
            return cast(told, Date)
    return told
