"""Answers questions to the audit log of a tenant, or of the deployment itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.coverage import Standing
from shared.core.format import About
from shared.core.query import FirstPage
from shared.usecases.read_report import OpenedReport

if TYPE_CHECKING:
    from shared.core.question import Position, Question
    from shared.store.answers.reports import Reports

# The log needs no collection, so there is nothing to say of its coverage: it is what was told.
_NO_DATASETS = Standing(
    tenant_state=None, coverage=(), first_collected_at=None, data_version="", thresholds={}
)


@contextmanager
def open_audit(
    reports: "Reports",
    chain: UUID,
    question: "Question",
    now: datetime,
    position: "Position | None" = None,
    mask_key: str | None = None,
) -> Iterator[OpenedReport]:
    """Open the answer of one chain; what is read in the block belongs together.

    A question that goes on from `position` leaves out what was told since its first page.
    """
    query = question.query(position)
    at = position.first_page.at if position else min(query.as_of or now, now)
    query = replace(query, as_of=at)
    about = About(
        tenant_id=chain,
        question=question,
        standing=_NO_DATASETS,
        generated_at=now,
        as_of=at,
        parameters=(),
    )
    with reports.snapshot(chain, mask_key) as snapshot:
        yield OpenedReport(about, FirstPage(at, "", ()), query, snapshot)
