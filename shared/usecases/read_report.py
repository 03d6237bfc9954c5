"""Answers a report for one tenant at one instant, with what is known about its freshness."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.clock import written
from shared.core.coverage import Standing
from shared.core.errors import BadRequest
from shared.core.query import FirstPage, ReportQuery
from shared.core.report import Report
from shared.core.text import entry
from shared.usecases.check_tenant import check_connected

if TYPE_CHECKING:
    from shared.core.query import CsvStyle
    from shared.store.answers.reports import ReportPage, Reports, Snapshot


@dataclass(frozen=True, slots=True)
class ReportReading:
    """A question that makes sense; no row is read until `page` or `csv` is called.

    `standing` tells how far the rows can be trusted, `now` when the question was asked,
    `first_page` what the next pages have to know to go on from this one.
    """

    tenant_id: UUID
    report: Report
    query: ReportQuery
    now: datetime
    standing: Standing
    first_page: FirstPage
    _snapshot: "Snapshot"

    @property
    def as_of(self) -> datetime:
        """The instant that the answer describes."""
        return self.query.as_of or self.query.now or self.now

    def fingerprint(self) -> str:
        """Return a text that changes whenever the answer to the same question could.

        Where a report counts days up to now it changes every hour: the days do, without any new data.
        """
        moment = self.query.as_of
        if moment is None and self._snapshot.tells_time(self.report):
            moment = self.as_of.replace(minute=0, second=0, microsecond=0)
        data = (self.tenant_id, self.standing.data_version, self.standing.coverage)
        known = (*data, moment, _words_and_rules(self.report.table.file))
        return hashlib.sha256(repr(known).encode()).hexdigest()[:32]

    def page(self) -> "ReportPage":
        """Return one page of rows."""
        return self._snapshot.page(self.report, self.query)

    def csv(self, style: "CsvStyle", tell_rows: Callable[[int], None]) -> Iterator[bytes]:
        """Return all rows as CSV, in chunks; `tell_rows` is told how many rows each one has."""
        return self._snapshot.csv(self.report, self.query, style, tell_rows)


@contextmanager
def open_report(
    reports: "Reports",
    tenant_id: UUID,
    report: Report,
    query: ReportQuery,
    now: datetime,
    first_page: FirstPage | None = None,
) -> Iterator[ReportReading]:
    """Check that the question can be answered; what is read in the block belongs together.

    A question that goes on from `first_page` is answered as of then, so that the pages add up
    although data comes in between them. Raises NotFound for an unknown or removed tenant,
    BadRequest for an `as_of` before anything that the report needs was collected.
    """
    with reports.snapshot(tenant_id) as snapshot:
        standing = snapshot.standing(report.needs, query.as_of)
        check_connected(tenant_id, standing.tenant_state)
        if query.as_of is not None:
            _check_instant(query.as_of, standing.first_collected_at)
            # A walk stays where it began, and what is now by the caller's clock is now.
            at = first_page.at if first_page else min(query.as_of, now)
            query = replace(query, as_of=at)
        first_page = first_page or FirstPage(query.as_of or now, standing.data_version)
        if query.as_of is None and first_page.data_version == standing.data_version:
            query = replace(query, now=first_page.at)
        elif query.as_of is None:
            query = replace(query, as_of=first_page.at)
            standing = snapshot.standing(report.needs, first_page.at)
        yield ReportReading(tenant_id, report, query, now, standing, first_page, snapshot)


def _check_instant(as_of: datetime, first: datetime | None) -> None:
    if first is None or as_of < first:
        since = entry("word.none_yet") if first is None else written(first)
        raise BadRequest("as_of_too_early", parameter="asOf", value=written(as_of), first=since)


@cache
def _words_and_rules(file: str) -> str:
    """A deployed change of the report's file, or of what reports share, changes its answers too."""
    files = (Path(file), *sorted(Path(__file__).parents[1].joinpath("catalog").glob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
