"""Answers reports: one page, all rows as CSV, how well the data was read, and whether it changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine, text

from shared.core import clock, registry
from shared.core.coverage import Coverage
from shared.core.query import CsvStyle, ReportQuery
from shared.core.report import Report
from shared.store import coverage_queries
from shared.store.csv_export import csv_chunks, csv_header, csv_sql
from shared.store.keyset import segments
from shared.store.report_statements import LIMIT, Statement, count_sql, page_sql, question_values
from shared.store.sessions import cursor, tenant_session
from shared.store.sources import AS_OF, TENANT, CollectorOf

# A page that takes longer is a question to narrow; an export goes at the pace of its reader.
_PAGE_TIMEOUT = text("SET LOCAL statement_timeout = '20s'")
_EXPORT_TIMEOUT = text("SET LOCAL statement_timeout = '10min'")


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Rows of one page, each in the order of `columns`.

    `next` is the position to ask for the next page with, None on the last; `total` the number of
    rows on all pages if it was asked for.
    """

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    next: tuple[object, ...] | None
    total: int | None


class Reports:
    """Reports over the stored data. All methods raise StoreUnavailable when the server is away."""

    def __init__(self, engine: Engine, collector_of: CollectorOf = registry.collector) -> None:
        self._engine = engine
        self._collector_of = collector_of

    def page(self, tenant_id: UUID, report: Report, question: ReportQuery) -> ReportPage:
        """Return one page of the answer."""
        nullable = question.order[0].column not in report.row_key
        values = self._values(tenant_id, question)
        wanted = question.top + 1
        found: list[tuple[object, ...]] = []
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as run:
            connection.execute(_PAGE_TIMEOUT)
            if any(column.type == "json" for column in report.columns):
                set_json_loads(msgspec.json.decode, run)
            for segment in segments(question.order, question.after, nullable=nullable):
                if len(found) < wanted:
                    statement = page_sql(report, question, segment, self._collector_of)
                    values[LIMIT] = wanted - len(found)
                    found += _execute(run, statement, values, binary=True).fetchall()
            total = self._count(run, report, question, values) if question.count else None
        return _page(question, found, total)

    def csv(
        self, tenant_id: UUID, report: Report, question: ReportQuery, style: CsvStyle
    ) -> Iterator[bytes]:
        """Yield the whole answer as CSV in chunks; `top` and `after` do not apply.

        Memory stays constant; the connection is held until the last chunk is taken.
        """
        question = replace(question, after=None)
        statement = csv_sql(report, question, style, self._collector_of)
        values = self._values(tenant_id, question)
        yield csv_header(style)
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as run:
            connection.execute(_EXPORT_TIMEOUT)
            with run.copy(statement.sql.encode(), statement.parameters(values)) as copy:
                yield from csv_chunks(copy)

    def coverage(
        self, tenant_id: UUID, datasets: Sequence[str], as_of: datetime | None
    ) -> list[Coverage]:
        """Return how well each dataset was read, now or as known at `as_of`."""
        with tenant_session(self._engine, tenant_id) as connection:
            return coverage_queries.coverage(connection, tenant_id, datasets, as_of)

    def first_collected(self, tenant_id: UUID, datasets: Sequence[str]) -> datetime | None:
        """Return when the first of `datasets` had been read once; None if none was yet."""
        with tenant_session(self._engine, tenant_id) as connection:
            return coverage_queries.first_collected(connection, tenant_id, datasets)

    def fingerprint(self, tenant_id: UUID, datasets: Sequence[str], as_of: datetime | None) -> str:
        """Return a text that changes whenever an answer could; no row of a dataset is read."""
        with tenant_session(self._engine, tenant_id) as connection:
            return coverage_queries.fingerprint(connection, tenant_id, datasets, as_of)

    def _count(
        self,
        run: psycopg.Cursor[tuple[object, ...]],
        report: Report,
        question: ReportQuery,
        values: dict[str, object],
    ) -> int:
        statement = count_sql(report, question, self._collector_of)
        row = _execute(run, statement, values).fetchone()
        return int(str(row[0])) if row else 0

    def _values(self, tenant_id: UUID, question: ReportQuery) -> dict[str, object]:
        fixed = {TENANT: tenant_id, AS_OF: question.as_of or clock.now()}
        return question_values(question) | fixed


def _execute(
    run: psycopg.Cursor[tuple[object, ...]],
    statement: Statement,
    values: dict[str, object],
    *,
    binary: bool = False,
) -> psycopg.Cursor[tuple[object, ...]]:
    return run.execute(statement.sql.encode(), statement.parameters(values), binary=binary)


def _page(question: ReportQuery, found: list[tuple[object, ...]], total: int | None) -> ReportPage:
    width = len(question.columns)
    rows = found[: question.top]
    more = len(found) > question.top
    return ReportPage(
        columns=question.columns,
        rows=[row[:width] for row in rows],
        next=rows[-1][width:] if more else None,
        total=total,
    )
