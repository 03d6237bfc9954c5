"""Personal columns as they are seen by those who may not see them: in SQL, before anything reads them.

Filter, order, position and output of a masked question have nothing else to go by than what is made
here. The key is a parameter, never part of the text.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, bindparam, func, literal_column, null

from shared.core.masking import masking_of
from shared.core.report import Report, ReportColumn
from shared.store.answers.conditions import FilterColumn
from shared.store.session.value_types import in_type

# The parameter that holds the tenant's key; see core.masking.
MASK_KEY = "mask_key"


def masked(
    report: Report, body: FromClause, columns: Mapping[str, FilterColumn]
) -> dict[str, FilterColumn]:
    """Return `columns` of the subquery `body` with the personal ones replaced."""
    return {
        column.id: columns[column.id]
        if masking_of(column) is None
        else FilterColumn(masked_value(column, body.c[column.id], report), column.type)
        for column in report.columns
    }


def masked_value(
    column: ReportColumn, value: ColumnElement[Any], report: Report
) -> ColumnElement[Any]:
    """Return a personal column's value as it is seen by those who may not see it."""
    if masking_of(column) == "withheld":
        return in_type(null(), column.type)
    # Ids that differ by letter case are two rows; an address is the same however it is written.
    return pseudonym(value if column.id in report.row_key else func.lower(value.collate("default")))


def pseudonym(plain: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the pseudonym of a text, null of none."""
    key = bindparam(MASK_KEY, None, type_=Text())
    # Sixteen digits of the hash: what a longer text behind the same key would need is not among them.
    digest = func.sha256(func.convert_to(key.concat(plain), "UTF8"))
    digits = func.left(func.encode(digest, literal_column("'hex'")), literal_column("16"))
    return literal_column("'p_'", Text()).concat(digits)
