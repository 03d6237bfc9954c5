"""Answers reports from one snapshot: how the data stands, one page, how many rows, all of them."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from copy import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.coverage import Standing
from shared.core.errors import StoreUnavailable
from shared.core.query import ColumnTotal, CsvStyle, ReportPage, ReportQuery
from shared.core.report import Report
from shared.core.work import DEPLOYMENT
from shared.store.answers import coverage_queries
from shared.store.answers.conditions import without_case
from shared.store.answers.giving_up import given_up
from shared.store.answers.keyset import page_of, segments
from shared.store.answers.masked_columns import MASK_KEY
from shared.store.answers.parts import reads_apart
from shared.store.answers.report_statements import (
    count_sql,
    page_sql,
    parameter_values,
    question_values,
    tells_time,
)
from shared.store.answers.sources import AS_OF, TENANT, CollectorOf
from shared.store.answers.twins import folded_columns
from shared.store.session.planning import planned
from shared.store.session.sessions import Session, borrowed, open_snapshot
from shared.store.session.statements import QUESTION, Statement

# What takes longer is a question to narrow. A page and its count have their seconds together.
_PAGE_SECONDS, _EXPORT_SECONDS = 10, 120
# All rows are wanted: by default a cursor gets the plan that is the fastest to the first tenth.
_TO_THE_END = "SET LOCAL cursor_tuple_fraction = 1"
_TWO_TABLES = "SET LOCAL work_mem = '64MB'"
_PLACE, _BATCH = "kanri_rows", 500
# Telling the server what is left of them is a statement more, which a fast question need not pay.
_WORTH_TELLING = 1.0


class _Limits(msgspec.Struct, frozen=True):
    """How long a page, and how long an export may take the server."""

    page_seconds: float
    export_seconds: float


class Reports:
    """Reports over the stored data; a page, its count and its coverage take `page_seconds` in all."""

    def __init__(
        self,
        engine: Engine,
        collector_of: CollectorOf = registry.collector,
        *,
        page_seconds: float = _PAGE_SECONDS,
        export_seconds: float = _EXPORT_SECONDS,
    ) -> None:
        self._engine = engine
        self._collector_of = collector_of
        self._limits = _Limits(page_seconds, export_seconds)

    @contextmanager
    def of_tenants(
        self, tenants: Sequence[UUID], values: Mapping[str, object], mask_key: str | None = None
    ) -> Iterator["Snapshot"]:
        """The same for a report over our own tables of several tenants, none of any dataset.

        `values` are those of the parameters of its statement, which has to say of which `tenants` it
        is; of one alone row-level security sees to it.
        """
        own = tenants[0] if len(tenants) == 1 else DEPLOYMENT
        with self.snapshot(own, mask_key, values) as snapshot:
            if len(tenants) != 1 or own == DEPLOYMENT:
                snapshot.see_every_tenant()
            yield snapshot

    @contextmanager
    def snapshot(
        self,
        tenant_id: UUID,
        mask_key: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> Iterator["Snapshot"]:
        """One read-only transaction: whatever is read in the block belongs together.

        A masked question needs the tenant's `mask_key`, see core.masking. Raises StoreUnavailable
        when the server is away or gives up on a question.
        """
        with borrowed(self._engine) as session:
            given = (self._collector_of, self._limits, mask_key, values)
            with closing(Snapshot(session, tenant_id, *given)) as snapshot:
                yield snapshot


class Snapshot:
    """The stored data of one tenant at one moment; see `Reports.snapshot`."""

    def __init__(
        self,
        session: Session,
        tenant_id: UUID,
        collector_of: CollectorOf,
        limits: _Limits,
        mask_key: str | None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self._session = session
        self._given = values or {}
        self._tenant_id = tenant_id
        self._collector_of = collector_of
        self._mask_key = mask_key
        self._page_seconds, self._export_seconds = limits.page_seconds, limits.export_seconds
        self._begun = time.monotonic()
        self._phase: Literal["new", "open", "over"] = "new"
        self._streams: list[Generator[object]] = []

    def close(self) -> None:
        """Break off what is still being read: the session can do nothing else before that."""
        for stream in self._streams:
            stream.close()

    def see_every_tenant(self) -> None:
        """Let the session see the own tables of every tenant, as the operator's does."""
        with self._session.pipeline():
            self._opening()()
            self._session.execute("SELECT set_config('kanri.scope', 'operator', true)")

    def standing(self, datasets: Sequence[str], as_of: datetime | None) -> Standing:
        """Return how the tenant and `datasets` stand, now or as it was known at `as_of`."""
        opening = self._opening()
        return coverage_queries.standing(self._session, self._tenant_id, datasets, as_of, opening)

    def compare(self, given: Mapping[str, object]) -> None:
        """Have comparisons be read from now on, which join two whole tables; `given` are their values."""
        self.give(given).execute(_TWO_TABLES)

    def give(self, values: Mapping[str, object]) -> Session:
        """Give statements more values; return the session of this transaction."""
        self._given = {**self._given, **values}
        self._opening()()
        return self._session

    def tells_time(self, report: Report) -> bool:
        """Tell whether the report's answer changes as time goes by, with no new data."""
        return tells_time(report.query, self._collector_of)

    def page(self, report: Report, question: ReportQuery, *, last: bool = False) -> ReportPage:
        """Return one page of the answer. `last`: nothing is asked of the snapshot after it."""
        question = self._caseless(report, question)
        values = self._values(report, question)
        found, wanted = list[tuple[object, ...]](), question.top + 1
        nullable = (first := question.order[0].column) not in report.row_key
        parted = reads_apart(report.query, self._collector_of, first)
        alone = last and not question.count and not question.totals
        *_, end = parts = segments(question.order, question.after, nullable=nullable, parted=parted)
        for segment in parts:
            if len(found) < wanted:
                statement = page_sql(report, question, segment, self._collector_of, wanted)
                found += self._rows(statement, values, last=alone and segment == end)
        total = self.count(report, question) if question.count else None
        totals = self.totals(report, question) if question.totals else None
        return page_of(question, found, total, totals)

    def count(self, report: Report, question: ReportQuery) -> int:
        """Return the number of rows on all pages."""
        question = self._caseless(report, question)
        statement = count_sql(report, question, self._collector_of)
        ((rows,),) = self._rows(statement, self._values(report, question))
        return int(str(rows))

    def totals(self, report: Report, question: ReportQuery) -> tuple[ColumnTotal, ...]:
        """Return what the rows on all pages come to, in the order of the report's columns."""
        from shared.store.answers.totals import as_totals, columns_with_totals, totals_sql

        columns = columns_with_totals(report, question)
        if not columns:
            return ()
        question = self._caseless(report, question)
        statement = totals_sql(report, question, self._collector_of)
        ((*found,),) = self._rows(statement, self._values(report, question))
        return as_totals(columns, found)

    def csv_lines(
        self, report: Report, question: ReportQuery, style: CsvStyle
    ) -> Iterator[list[bytes]]:
        """Yield all as lines of CSV without line ends, in batches; `top` and `after` do not apply."""
        return self._stream(self._csv_lines(report, question, style))

    def _csv_lines(
        self, report: Report, question: ReportQuery, style: CsvStyle
    ) -> Generator[list[bytes]]:
        from shared.store.answers.csv_export import csv_batches, csv_sql

        question = replace(self._caseless(report, question), after=None)
        statement = csv_sql(report, question, style, self._collector_of)
        # COPY takes no parameters, and values in its text would come to stand in the server's log.
        given = msgspec.json.encode(self._values(report, question)).decode()
        with given_up("export_slow", self._export_seconds):
            self._begin_export()
            self._session.execute("SELECT set_config(%s, %s, true)", [QUESTION, given])
            with self._session.cursor().copy(statement.encode()) as copy:
                yield from csv_batches(copy)

    def rows(self, report: Report, question: ReportQuery) -> Iterator[list[tuple[object, ...]]]:
        """Yield the whole answer in batches of rows; `top` and `after` do not apply.

        The server keeps the place, so that memory stays constant. It must be read on within the
        time that an export has: StoreUnavailable.
        """
        return self._stream(self._all_rows(report, question))

    def _all_rows(
        self, report: Report, question: ReportQuery
    ) -> Generator[list[tuple[object, ...]]]:
        question = replace(self._caseless(report, question), after=None)
        statement = page_sql(report, question, "all", self._collector_of)
        values = self._values(report, question)
        width, ends = len(question.columns), time.monotonic() + self._export_seconds
        with (
            given_up("export_slow", self._export_seconds),
            psycopg.RawServerCursor(self._session, _PLACE) as found,
        ):
            self._begin_export()
            self._session.execute(_TO_THE_END)
            set_json_loads(msgspec.json.decode, found)
            found.execute(statement.sql.encode(), statement.arguments(values), binary=True)
            while batch := found.fetchmany(_BATCH):
                yield [row[:width] for row in batch]
                # The server's time limit is one of each statement, and here each batch is one.
                if time.monotonic() > ends:
                    raise StoreUnavailable("export_slow", seconds=f"{self._export_seconds:g}")

    def _stream[Batch](self, stream: Generator[Batch]) -> Iterator[Batch]:
        self._streams.append(stream)
        return stream

    def _opening(self) -> Callable[[], None]:
        """Return what opens the transaction if nothing has been asked yet: it goes along in a pipeline."""
        if self._phase == "over":
            raise RuntimeError("the snapshot has ended")
        if self._phase == "open":
            return lambda: None
        self._phase = "open"
        timeout = f"{self._page_seconds * 1000:.0f}ms"
        return lambda: open_snapshot(self._session, self._tenant_id, timeout)

    def _begin_export(self) -> None:
        timeout = f"SET LOCAL statement_timeout = {round(self._export_seconds * 1000)}"
        with self._session.pipeline():
            self._opening()()
            for setting in (timeout, "SET LOCAL work_mem = '32MB'"):
                self._session.execute(setting.encode())

    def _caseless(self, report: Report, question: ReportQuery) -> ReportQuery:
        """Ask in lower case where letter case does not count: the stored twins are in lower case."""
        columns = folded_columns(report.query, self._collector_of)
        return replace(question, where=without_case(question.where, columns))

    def _values(self, report: Report, question: ReportQuery) -> dict[str, object]:
        moment = question.as_of or question.now or clock.now()
        own = question_values(question) | parameter_values(report, question)
        if question.masked:
            if self._mask_key is None:
                raise ValueError("a masked question needs the key of the tenant's pseudonyms")
            own[MASK_KEY] = self._mask_key
        return {**own, **self._given, TENANT: self._tenant_id, AS_OF: moment}

    def _rows(
        self, statement: Statement, values: dict[str, object], *, last: bool = False
    ) -> list[tuple[object, ...]]:
        """Return the rows, in one round trip; with the `last` ones the transaction ends."""
        with (
            given_up("question_slow", self._page_seconds),
            psycopg.RawCursor(self._session) as query,
            planned(statement.sql) as prepare,
        ):
            spent = time.monotonic() - self._begun
            with self._session.pipeline():
                self._opening()()
                if spent > _WORTH_TELLING:
                    left = max(1, round((self._page_seconds - spent) * 1000))
                    self._session.execute(f"SET LOCAL statement_timeout = {left}".encode())
                set_json_loads(msgspec.json.decode, query)
                given = statement.arguments(values)
                query.execute(statement.sql.encode(), given, binary=True, prepare=prepare)
                if last:
                    self._session.execute("COMMIT")
                    self._phase = "over"
            return query.fetchall()
