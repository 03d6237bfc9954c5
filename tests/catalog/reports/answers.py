"""What a report answers about the tests' tenant, each row by its id."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports

TENANT = UUID("11111111-1111-1111-1111-111111111111")


def rows(
    engine: Engine, key: str, *, open_ended: tuple[str, ...] = ("error",), tenant: UUID = TENANT
) -> dict[str, dict[str, object]]:
    """Return every row of the report by its id.

    AssertionError if a column that is said to be empty is not, or a code has no word; in the columns
    `open_ended` Microsoft may send more codes than there are words.
    """
    report = registry.report(key)
    columns = tuple(column.id for column in report.columns)
    order = tuple(Order(name) for name in report.row_key)
    question = ReportQuery(as_of=None, columns=columns, order=order, top=1000)
    with Reports(engine).snapshot(tenant) as snapshot:
        page = snapshot.page(report, question)
    found = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    for column in report.columns:
        if column.unavailable is not None:
            assert {row[column.id] for row in found} == {None}
        if column.labels and column.id not in open_ended:
            words = {row[column.id] for row in found} - {None}
            assert words <= set(column.labels), column.id
    return {str(row["id"]): row for row in found}


def asked(
    engine: Engine,
    key: str,
    as_of: datetime | None = None,
    tenant: UUID = TENANT,
    **parameters: int,
) -> dict[str, dict[str, object]]:
    """Return the rows of a report by id, as of an instant, with its parameters given."""
    report = registry.report(key)
    question = ReportQuery(
        as_of=as_of,
        columns=tuple(column.id for column in report.columns),
        order=(Order("id"),),
        top=1000,
        parameters=tuple(parameters.items()),
    )
    with Reports(engine).snapshot(tenant) as snapshot:
        page = snapshot.page(report, question)
    found = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    return {str(row["id"]): row for row in found}


def days_ago(days: float) -> datetime:
    """Return the instant that many days ago."""
    return clock.now() - timedelta(days=days)
