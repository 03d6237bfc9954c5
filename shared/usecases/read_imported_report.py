"""Answers a report of an instant that own history has nothing of, by a file that was imported.

The answer is one or the other, never a mixture: from the first collection on, only what was collected counts.
"""

from copy import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.coverage import Coverage
from shared.core.errors import BadRequest
from shared.core.format import About
from shared.core.query import FirstPage, Order, ReportQuery

if TYPE_CHECKING:
    from shared.core.coverage import Standing
    from shared.core.question import Position, Question
    from shared.store.answers.imported_report import Found
    from shared.store.answers.reports import Snapshot

# What stands for a dataset in the coverage of such an answer.
DATASET = "imported_report"


class Imported:
    """What such an answer is read by: see usecases.read_report.OpenedReport."""

    def __init__(self, about: About, query: ReportQuery, first_page: FirstPage) -> None:
        self.about, self.query, self.first_page = about, query, first_page


def imported(
    snapshot: "Snapshot",
    tenant_id: UUID,
    question: "Question",
    standing: "Standing",
    position: "Position | None",
    now: datetime,
) -> Imported | None:
    """Return the answer to the question by an import; None if own history has the instant, or no file tells
    of it. BadRequest for a walk that began in another file."""
    as_of, first = question.as_of, standing.first_collected_at
    if as_of is None or (first is not None and as_of >= first):
        return None
    # Tables and all: not before a question is of a past that may have been imported.
    from shared.store.answers.imported_report import LINE, find, imported_report

    found = find(snapshot, tenant_id, question.report.key, as_of)
    if found is None:
        return None
    version = f"import:{found.import_id}"
    query = question.query(position)
    if position is not None and position.first_page.data_version != version:
        raise BadRequest("cursor_malformed", parameter="cursor")
    order = (*query.order, Order(LINE, query.order[-1].descending))
    about = About(
        tenant_id=tenant_id,
        question=replace(question, report=imported_report(question.report)),
        standing=_standing(standing, found, version),
        generated_at=now,
        as_of=found.described_at,
        parameters=(),
    )
    # A walk names the values of the report's parameters, which nothing here goes by.
    values = tuple((one.name, one.default) for one in question.report.parameters)
    first_page = FirstPage(found.described_at, version, values)
    return Imported(about, replace(query, order=order, as_of=found.described_at), first_page)


def _standing(standing: "Standing", found: "Found", version: str) -> "Standing":
    """How the tenant stands, and the file instead of datasets."""
    covered = Coverage(
        dataset=DATASET,
        state="ok",
        finished_at=found.imported_at,
        complete_at=found.described_at,
        rows=found.rows,
        import_id=found.import_id,
    )
    return replace(standing, coverage=(covered,), data_version=version, histories={}, idle={})
