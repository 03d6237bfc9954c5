"""Answers a report for one tenant at one instant, with what is known about its freshness."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from inspect import getfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.coverage import Coverage
from shared.core.errors import BadRequest
from shared.core.query import ReportQuery
from shared.core.report import Report
from shared.usecases.find_tenant import find_tenant

if TYPE_CHECKING:
    from shared.core.query import CsvStyle
    from shared.store.reports import ReportPage, Reports
    from shared.store.tenants import Tenants


class ReportReading:
    """A question that makes sense; nothing is read from the rows until `page` or `csv` is called."""

    def __init__(
        self, reports: "Reports", tenant_id: UUID, report: Report, query: ReportQuery, now: datetime
    ) -> None:
        self._reports = reports
        self.tenant_id = tenant_id
        self.report = report
        self.query = query
        self.now = now

    @property
    def as_of(self) -> datetime:
        """The instant that the answer describes."""
        return self.query.as_of or self.now

    def fingerprint(self) -> str:
        """Return a text that changes whenever the answer to the same question could."""
        data = self._reports.fingerprint(self.tenant_id, self.report.needs, self.query.as_of)
        return f"{data}/{_file_digest(getfile(self.report.query))}"

    def coverage(self) -> list[Coverage]:
        """Return the state of every dataset that the report needs."""
        return self._reports.coverage(self.tenant_id, self.report.needs, self.query.as_of)

    def page(self) -> "ReportPage":
        """Return one page of rows."""
        return self._reports.page(self.tenant_id, self.report, self.query)

    def count(self) -> int:
        """Return how many rows the question has, on all pages together."""
        question = replace(self.query, columns=self.report.row_key, top=1, after=None, count=True)
        return self._reports.page(self.tenant_id, self.report, question).total or 0

    def csv(self, style: "CsvStyle") -> Iterator[bytes]:
        """Return all rows as CSV, in chunks."""
        return self._reports.csv(self.tenant_id, self.report, self.query, style)


def open_report(
    tenants: "Tenants",
    reports: "Reports",
    tenant_id: UUID,
    report: Report,
    query: ReportQuery,
    now: datetime,
) -> ReportReading:
    """Check that the question can be answered.

    Raises NotFound for an unknown or removed tenant, BadRequest for an `as_of` in the future or
    before anything that the report needs was collected.
    """
    find_tenant(tenants, tenant_id)
    if query.as_of is not None:
        _check_instant(reports, tenant_id, report, query.as_of, now)
    return ReportReading(reports, tenant_id, report, query, now)


def _check_instant(
    reports: "Reports", tenant_id: UUID, report: Report, as_of: datetime, now: datetime
) -> None:
    if as_of > now:
        raise BadRequest("as_of_future", parameter="asOf", value=as_of.isoformat())
    first = reports.first_collected(tenant_id, report.needs)
    if first is None or as_of < first:
        since = "-" if first is None else first.isoformat()
        raise BadRequest("as_of_too_early", parameter="asOf", value=as_of.isoformat(), first=since)


@cache
def _file_digest(path: str) -> str:
    """A deployed change of the report's file changes its answers without any new data."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
