"""The language of reports: a table is a from-clause and one line a column.

    @report_table
    def mailbox(s: Sources) -> Table:
        boxes = s.measures("mailbox_usage")
        box = boxes.c
        return Table(
            boxes,
            col("email", box.user_principal_name, EMAIL),
            col("item_count", box.item_count, Text("Items", "アイテム数")),
            absent("largest_folder", "text", Text("Largest folder", "最大フォルダー"), NO_SIZES),
            where=box.is_deleted.is_(False),
        )

What is not said follows (see derivation.py): the datasets from what was asked of `s`, the type of a
column from the expression's, and whether it is personal from the dataset columns it reads. Nothing
is derived when a report is imported: only when its columns or needs are first looked at, once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import getfile
from typing import Any

from sqlalchemy import (
    Cast,
    ColumnElement,
    FromClause,
    Select,
    cast,
    null,
    select,
)

from shared.catalog.derivation import DECLARED_TYPES, CollectorOf, DeclaredSources
from shared.core.report import ReportColumn, Sources, ValueType
from shared.core.report_parameters import ReportParameter
from shared.core.text import Text


@dataclass(frozen=True, slots=True)
class Col:
    """One column: id, expression, headers; see `col` and `absent`."""

    id: str
    value: ColumnElement[Any]
    words: Text
    labels: Mapping[str, Text] = field(default_factory=dict)
    unavailable: Text | None = None
    personal: bool | None = None


def col(
    name: str,
    value: ColumnElement[Any],
    words: Text,
    *,
    labels: Mapping[str, Text] | None = None,
    personal: bool | None = None,
    because: str = "",
) -> Col:
    """Return a column with the id `name`.

    `labels` are the words for coded values. `personal` overrides what the expression tells, and
    then needs a reason (`because`); ValueError without one.
    """
    if (personal is None) != (not because):
        raise ValueError(f"{name}: an override of personal and its reason go together")
    return Col(name, value, words, labels or {}, personal=personal)


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


class ReportRows:
    """A function from sources to a table, with what follows from it; see core.report.ReportTable."""

    def __init__(
        self, table: Callable[[Sources], Table], collector_of: CollectorOf | None = None
    ) -> None:
        self._table = table
        self._collector_of = collector_of

    @property
    def file(self) -> str:
        """The source file of the function."""
        return getfile(self._table)

    @property
    def needs(self) -> tuple[str, ...]:
        """The datasets that the function asks for."""
        return self._derived[0]

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """The columns with type and whose data they are."""
        return self._derived[1]

    @property
    def parameters(self) -> tuple[ReportParameter, ...]:
        """The parameters that the function asks for."""
        return self._derived[2]

    @cached_property
    def query(self) -> Callable[[Sources], Select[Any]]:
        """The selectable of the table."""
        return lambda sources: self._table(sources).select()

    @cached_property
    def _derived(
        self,
    ) -> tuple[tuple[str, ...], tuple[ReportColumn, ...], tuple[ReportParameter, ...]]:
        sources = DeclaredSources(self._collector_of)
        table = self._table(sources)
        columns = tuple(
            ReportColumn(
                id=column.id,
                type=sources.type_of(column.value),
                en=column.words.en,
                ja=column.words.ja,
                personal=sources.is_personal(column.value)
                if column.personal is None
                else column.personal,
                labels=column.labels,
                unavailable=column.unavailable,
            )
            for column in table.columns
        )
        return tuple(sources.asked), columns, tuple(sources.parameters.values())


def report_table(table: Callable[[Sources], Table]) -> ReportRows:
    """Make a function the table of a report of the catalogue."""
    return ReportRows(table)
