"""What all rows of an answer come to, column by column."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shared.core.masking import Masking
from shared.core.query import ColumnTotal
from shared.core.report import Report


class TotalAnswer(Struct, rename="camel", omit_defaults=True):
    """The total of one column over the rows on all pages: `value` is made of the `known` ones.

    `sum`, `avg`, `count` of rows where it is true, or `share`: of two sums, in percent. Null without a
    known value, and where the caller may not see the column (`masked`); `known` is then absent."""

    column: str
    function: Literal["sum", "avg", "count", "share"]
    value: int | float | None
    known: int | None = None
    masked: Masking | None = None


def total_answers(report: Report, totals: Sequence[ColumnTotal]) -> list[TotalAnswer]:
    """Return the total of each column that has one; those that were not made are withheld."""
    made = {total.column: total for total in totals}
    return [
        TotalAnswer(column.id, column.total.function, None, masked="withheld")
        if (found := made.get(column.id)) is None
        else TotalAnswer(column.id, column.total.function, found.value, found.known)
        for column in report.columns
        if column.total is not None
    ]
