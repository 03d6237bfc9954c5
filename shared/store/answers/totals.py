"""What all rows of a question come to: one more look at them, in the same snapshot as the page."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, func

from shared.core.masking import masking_of
from shared.core.query import ColumnTotal, ReportQuery
from shared.core.report import Report, ReportColumn
from shared.store.answers.conditions import FilterColumn
from shared.store.answers.report_statements import all_rows
from shared.store.answers.sources import CollectorOf
from shared.store.session.statements import Statement, compiled

# Totals that are whole numbers: by function and type of the column.
_WHOLE = (("sum", "int"), ("count", "bool"))


def columns_with_totals(report: Report, question: ReportQuery) -> tuple[ReportColumn, ...]:
    """Return the columns that have a total, without those that a masked question gets none of."""
    hidden = {
        column.id for column in report.columns if question.masked and masking_of(column) is not None
    }
    return tuple(
        column
        for column in report.columns
        if column.total is not None and hidden.isdisjoint((column.id, *column.total.of))
    )


def totals_sql(report: Report, question: ReportQuery, collector_of: CollectorOf) -> Statement:
    """Return the SQL of the totals: for each column its value, and of how many it is made."""
    columns, filtered = all_rows(report, question, collector_of)
    wanted = columns_with_totals(report, question)
    made = [one for column in wanted for one in _made(column, columns)]
    labelled = (one.label(f"t{place}") for place, one in enumerate(made))
    return compiled(filtered.with_only_columns(*labelled))


def as_totals(columns: Sequence[ReportColumn], found: Sequence[object]) -> tuple[ColumnTotal, ...]:
    """Return the one row of `totals_sql`, column by column."""
    pairs = zip(columns, found[::2], found[1::2], strict=True)
    return tuple(
        ColumnTotal(column.id, _number(column, value), int(str(known)))
        for column, value, known in pairs
    )


def _number(column: ReportColumn, value: object) -> int | float | None:
    """The value as JSON has it: whole where the column's numbers are, or where rows are counted."""
    if value is None:
        return None
    exact = Decimal(str(value))
    total = column.total
    whole = total is not None and (total.function, column.type) in _WHOLE
    return int(exact) if whole else float(exact)


def _made(column: ReportColumn, columns: dict[str, FilterColumn]) -> Iterator[ColumnElement[Any]]:
    """The value of a total, null without a known one, and how many rows it is made of."""
    assert column.total is not None  # noqa: S101 - only columns that have one come here
    value = columns[column.id].expression
    known: ColumnElement[bool] = value.is_not(None)
    # As numeric, so that the sum of decimals is theirs, and that of bytes overflows nowhere.
    exact = cast(value, Numeric)
    match column.total.function:
        case "sum":
            yield func.sum(exact)
        case "avg":
            yield func.round(func.avg(exact), 2)
        case "count":
            yield case((func.count(value) > 0, func.count().filter(value)))
        case "share":
            part, whole = (columns[name].expression for name in column.total.of)
            known = and_(part.is_not(None), whole.is_not(None))
            above, below = (func.sum(cast(each, Numeric)).filter(known) for each in (part, whole))
            yield func.round(100 * above / func.nullif(below, 0), 2)
    yield func.count().filter(known)
