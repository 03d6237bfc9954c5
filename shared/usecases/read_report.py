"""Answers a report for one tenant at one instant, with what is known about its freshness."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from shared.core import registry
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.format import About, Compared
from shared.core.query import FirstPage, ReportQuery
from shared.core.report_parameters import in_force
from shared.core.retention import first_kept, kept_by_all
from shared.core.text import entry
from shared.usecases.check_tenant import check_connected
from shared.usecases.read_imported_report import imported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.core.coverage import Standing
    from shared.core.query import CsvStyle, ReportPage
    from shared.core.question import Position, Question
    from shared.core.report import Report
    from shared.store.answers.reports import Reports, Snapshot


_GOOD_AT_MOST, _ONLY_WHEN_ASKED = timedelta(minutes=30), 0
# Longer than any page of a run takes from the answer of Graph to the end of its transaction.
_STORED_BY = timedelta(hours=1)


class OpenedReport(Struct, frozen=True):
    """An answer that can be read; no row is until `page` or `rows` are.

    `first_page` is what the next pages have to know to go on from this one.
    """

    about: About
    first_page: FirstPage
    _query: ReportQuery
    _snapshot: "Snapshot"
    _comparison: "Report | None" = None

    def compared(self, since: datetime, mask_key: str | None) -> "OpenedReport":
        """Return the comparison (store.answers.comparing) that the question is put to, with `since`.

        What is read after that is rows of it. Raises BadRequest as `open_report` does for its instant.
        """
        from shared.store.answers.comparing import NeverRead, comparison, values_of

        about, report = self.about, registry.report(self.about.question.report.key)
        standing = self._snapshot.standing(report.needs, since)
        check_instant(since, standing.first_collected_at, "since")
        kept = kept_at(since, standing, walks=False, parameter="since")
        if kept != since:
            standing = self._snapshot.standing(report.needs, kept)
        unread = NeverRead(_unread(standing), _unread(about.standing))
        rows_of = comparison(report, unread, masked=self._query.masked)
        self._snapshot.compare(values_of(kept, mask_key))
        query = replace(self._query, masked=False)  # The comparison hides by itself.
        about = replace(about, compared=Compared(as_of=kept, standing=standing))
        return OpenedReport(about, self.first_page, query, self._snapshot, rows_of)

    @property
    def _rows_of(self) -> "Report":
        return self._comparison or self.about.question.report

    def fingerprint(self) -> str:
        """Return a text that changes whenever the answer to the same question could.

        Where a report counts days up to now it changes every hour: the days do, without any new
        data.
        """
        about, report = self.about, self.about.question.report
        moment = self._query.as_of
        if moment is None and self._snapshot.tells_time(report):
            moment = about.as_of.replace(minute=0, second=0, microsecond=0)
        data = (about.tenant_id, about.standing.data_version, about.standing.coverage)
        known = (
            *data,
            about.standing.consent_seen_at,
            moment,
            about.parameters,
            registry.report_version(report.key),
            *((about.compared.as_of, about.compared.standing.coverage) if about.compared else ()),
        )
        return hashlib.sha256(repr(known).encode()).hexdigest()[:32]

    def good_for(self) -> int:
        """Return for how many seconds a copy of the answer may be used unasked; 0 for none.

        No longer than until anything that it needs is due to be read again, and not while any is
        being read; where the report counts days up to now, until the hour is over.
        """
        about = self.about
        now, standing = about.generated_at, about.standing
        if about.question.as_of is not None:
            return _ONLY_WHEN_ASKED
        ends = [now + _GOOD_AT_MOST]
        for dataset in about.question.report.needs:
            collector, idle = registry.collector(dataset), standing.idle.get(dataset)
            if registry.is_imported(dataset):  # due at no time
                ends.append(now + collector.good_for)
                continue
            if idle is None or idle.begun is None:
                return _ONLY_WHEN_ASKED
            ends += [now + collector.good_for, idle.due or idle.begun + collector.every]
        if self._snapshot.tells_time(about.question.report):
            ends.append(now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        return max(_ONLY_WHEN_ASKED, int((min(ends) - now).total_seconds()))

    @property
    def is_settled(self) -> bool:
        """Whether the answer stays what it is: of a past instant, all of it read, and no threshold in it
        that may be set otherwise.

        What was observed at that instant has long been stored. Deleting history, a person's data or
        the tenant still changes it, as a new version of Kanri may.
        """
        about, asked = self.about, dict(self._query.parameters)
        question = about.question
        return (
            question.as_of is not None
            and about.generated_at - question.as_of >= _STORED_BY
            and all(line.state in ("ok", "not_imported") for line in about.standing.coverage)
            and not any(line.import_id for line in about.standing.coverage)  # it may be taken away
            and len(question.parameters) == len(asked)
        )

    def page(self) -> "ReportPage":
        """Return one page of rows; nothing can be read after it."""
        return self._snapshot.page(self._rows_of, self._query, last=True)

    def rows(self) -> "AllRows":
        """Return all rows, for whoever writes a file of them."""
        return AllRows(self._snapshot, self._rows_of, self._query)


class AllRows:
    """All rows of an answer (`core.format.Rows`); `count` tells how many have been read."""

    def __init__(self, snapshot: "Snapshot", report: "Report", query: ReportQuery) -> None:
        self.count = 0
        self._snapshot, self._report, self._query = snapshot, report, query

    def stream(self) -> Iterator[Sequence[tuple[object, ...]]]:
        """Yield the rows in batches, each value as Python's."""
        return self._counted(self._snapshot.rows(self._report, self._query))

    def csv_lines(self, style: "CsvStyle") -> Iterator[list[bytes]]:
        """Yield the rows in batches as lines of CSV, as the database formats them."""
        return self._counted(self._snapshot.csv_lines(self._report, self._query, style))

    def _counted[Batch: Sequence[object]](self, batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in batches:
            self.count += len(batch)
            yield batch


@contextmanager
def open_report(
    reports: "Reports",
    tenant_id: UUID,
    question: "Question",
    now: datetime,
    position: "Position | None" = None,
    mask_key: str | None = None,
    given: "Mapping[str, object] | None" = None,
    *,
    imports: bool = False,
) -> Iterator[OpenedReport]:
    """Check that the question can be answered; what is read in the block belongs together.

    A question that goes on from `position` is answered as of when its first page was and by the
    thresholds of then, so that the pages add up although data comes in between them. A masked one
    needs `mask_key`, see core.masking. Where history was thinned it is answered as of the last instant
    that is kept. `given` are values of parameters that the report's statements have beside. With `imports`, an
    instant before anything was collected is answered by a file that was imported, if one tells of it. Raises
    NotFound for an unknown or removed tenant, BadRequest for an `as_of` before anything that the report
    needs was collected, or of a past that is kept no longer.
    """
    with reports.snapshot(tenant_id, mask_key, given) as snapshot:
        standing = snapshot.standing(question.report.needs, question.as_of)
        check_connected(tenant_id, standing.tenant_state)
        past = imported(snapshot, tenant_id, question, standing, position, now) if imports else None
        if past is not None:
            yield OpenedReport(past.about, past.first_page, past.query, snapshot)
        else:
            yield _collected(snapshot, tenant_id, question, standing, position, now)


def _collected(
    snapshot: "Snapshot",
    tenant_id: UUID,
    question: "Question",
    standing: "Standing",
    position: "Position | None",
    now: datetime,
) -> OpenedReport:
    """Return the answer by what was collected."""
    query = question.query(position)
    if query.as_of is not None:
        check_instant(query.as_of, standing.first_collected_at)
        query, standing = _settled(query, position, now, standing, snapshot)
    first_page = position.first_page if position else _begun(query, question, standing, now)
    query = replace(query, parameters=first_page.parameters)
    if query.as_of is None:
        query, standing = _of_now(query, first_page, standing, snapshot)
    about = About(
        tenant_id=tenant_id,
        question=question,
        standing=standing,
        generated_at=now,
        as_of=query.as_of or first_page.at,
        parameters=first_page.parameters,
    )
    return OpenedReport(about, first_page, query, snapshot)


def _begun(
    query: ReportQuery, question: "Question", standing: "Standing", now: datetime
) -> FirstPage:
    """Return what the pages after this first one go by."""
    values = in_force(question.report.parameters, query.parameters, standing.thresholds)
    return FirstPage(query.as_of or now, standing.data_version, tuple(values.items()))


def _of_now(
    query: ReportQuery, first_page: FirstPage, standing: "Standing", snapshot: "Snapshot"
) -> "tuple[ReportQuery, Standing]":
    """Return the question of now, or of when the walk began if data has come in since."""
    if first_page.data_version == standing.data_version:
        return replace(query, now=first_page.at), standing
    kept_at(first_page.at, standing, walks=True)
    needs = [one.dataset for one in standing.coverage]
    return replace(query, as_of=first_page.at), snapshot.standing(needs, first_page.at)


def _settled(
    query: ReportQuery,
    position: "Position | None",
    now: datetime,
    standing: "Standing",
    snapshot: "Snapshot",
) -> "tuple[ReportQuery, Standing]":
    """Return the question as of the instant that is answered for, and how things stood then."""
    # A walk stays where it began, and what is now by the caller's clock is now.
    at = position.first_page.at if position else min(query.as_of or now, now)
    kept = kept_at(at, standing, walks=position is not None)
    if kept != at:
        standing = snapshot.standing([one.dataset for one in standing.coverage], kept)
    return replace(query, as_of=kept), standing


def kept_at(
    as_of: datetime, standing: "Standing", *, walks: bool, parameter: str = "asOf"
) -> datetime:
    """Return the last instant up to `as_of` whose state is kept of all that the report needs.

    BadRequest if there is none; for a walk through pages also if it is another one by now.
    """
    if not standing.histories:
        return as_of
    first = standing.first_collected_at or as_of
    oldest, kept = (
        first_kept(first, standing.histories),
        kept_by_all(as_of, standing.histories),
    )
    if kept < oldest or (walks and kept < as_of):
        raise BadRequest(
            "as_of_not_kept", parameter=parameter, value=written(as_of), first=written(oldest)
        )
    return kept


def check_instant(as_of: datetime, first: datetime | None, parameter: str = "asOf") -> None:
    """Raise BadRequest for an instant before the `first` one that anything is known of."""
    if first is None or as_of < first:
        since = entry("word.none_yet") if first is None else written(first)
        raise BadRequest("as_of_too_early", parameter=parameter, value=written(as_of), first=since)


def _unread(standing: "Standing") -> frozenset[str]:
    """The datasets that had never been read to their end."""
    return frozenset(one.dataset for one in standing.coverage if one.complete_at is None)
