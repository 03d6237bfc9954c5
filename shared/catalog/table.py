"""The language of reports: a table is a from-clause and one line a column.

    @report_table
    def mailbox(s: Sources) -> Table:
        boxes = s.measures("mailbox_usage")
        box = boxes.c
        return Table(
            boxes,
            col("email", box.user_principal_name, EMAIL),
            col("item_count", box.item_count, Text("Items", "アイテム数"), total=SUM),
            absent("largest_folder", "text", Text("Largest folder", "最大フォルダー"), NO_SIZES),
            where=box.is_deleted.is_(False),
        )

What is not said follows (see derivation.py): the datasets from what was asked of `s`, the type of a
column from the expression's, and whether it is personal from the dataset columns it reads. Nothing
is derived when a report is imported: only when its columns or needs are first looked at, once.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Cast, ColumnElement, FromClause, Select, cast, null, select

from shared.catalog.derivation import DECLARED_TYPES
from shared.catalog.report_rows import report_table
from shared.core.report import Total, ValueType
from shared.core.text import Text

# A report needs no other import of the language.
__all__ = [
    "AVERAGE",
    "COUNT",
    "SUM",
    "Col",
    "Table",
    "absent",
    "col",
    "nothing",
    "report_table",
    "share",
]


class Col(Struct, frozen=True):
    """One column: id, expression, headers; see `col` and `absent`."""

    id: str
    value: ColumnElement[Any]
    words: Text
    labels: Mapping[str, Text] = field(default_factory=dict)
    unavailable: Text | None = None
    personal: bool | None = None
    total: Total | None = None


SUM, AVERAGE, COUNT = Total("sum"), Total("avg"), Total("count")


def share(part: str, whole: str) -> Total:
    """Return the total of a column of percentages: of the sums, since no mean of shares is one."""
    return Total("share", (part, whole))


def col(
    name: str,
    value: ColumnElement[Any],
    words: Text,
    *,
    labels: Mapping[str, Text] | None = None,
    personal: bool | None = None,
    because: str = "",
    total: Total | None = None,
) -> Col:
    """Return a column with the id `name`.

    `labels` are the words for coded values. `total` is what all rows come to. `personal` overrides what the expression tells, and
    then needs a reason (`because`); ValueError without one.
    """
    if (personal is None) != (not because):
        raise ValueError(f"{name}: an override of personal and its reason go together")
    return Col(name, value, words, labels or {}, personal=personal, total=total)


def nothing(kind: ValueType) -> Cast[Any]:
    """Return null of the column type `kind`."""
    return cast(null(), DECLARED_TYPES[kind])


def absent(name: str, kind: ValueType, words: Text, because: Text) -> Col:
    """Return a column that is always null, and why nothing can fill it."""
    return Col(name, nothing(kind), words, unavailable=because)


class Table:
    """The rows of `source`, those that meet `where`, as `columns`."""

    def __init__(
        self, source: FromClause, *columns: Col, where: ColumnElement[bool] | None = None
    ) -> None:
        self.source = source
        self.columns = columns
        self.where = where

    def select(self) -> Select[Any]:
        """Return the table as a selectable whose columns are called by their ids."""
        query = select(*(column.value.label(column.id) for column in self.columns))
        query = query.select_from(self.source)
        return query if self.where is None else query.where(self.where)
