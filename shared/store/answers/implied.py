"""What a filter on a worked-out column says of the columns that it is worked out from.

A share is taken for external by looking at whom it was given to, which takes a hundred times as long as
reading what kind of link it is. A filter on the outcome is worked out for every row; what follows from it
for stored columns is asked first, and leaves few rows or none. The filter itself stays in place.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    Case,
    ColumnElement,
    FromClause,
    FunctionFilter,
    Label,
    Lateral,
    Null,
    Over,
    Select,
    Subquery,
    Table,
    Values,
    and_,
    null,
    or_,
    true,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import ColumnClause, Grouping, True_
from sqlalchemy.sql.functions import FunctionElement

from shared.core.query import Both, Compare, Condition, Either, Match, Negation, OneOf
from shared.core.report import ValueType
from shared.store.answers.conditions import FilterColumn, condition_sql, condition_values

# Of functions over several rows, those that reports use.
_SUMS = {
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "jsonb_agg",
    "max",
    "min",
    "string_agg",
    "sum",
}

# A condition on a value, as a function of the value's expression.
type _Says = Callable[[ColumnElement[Any]], ColumnElement[bool]]


class Implied:
    """Finds what follows from a filter for the stored columns that `rows` joins."""

    def __init__(
        self,
        rows: Select[Any],
        datasets: Mapping[FromClause, str],
        types: Mapping[str, ValueType],
    ) -> None:
        """`types` are those of the columns that may be looked behind."""
        self._rows, self._datasets, self._types = rows, datasets, types

    def by(self, condition: Condition, names: Iterator[str]) -> ColumnElement[bool]:
        """Return what is true of every row that meets the condition; parameters as of `condition_sql`."""
        match condition:
            case Both(left, right):
                first = self.by(left, names)
                return and_(first, self.by(right, names))
            case Either(left, right):
                first = self.by(left, names)
                return or_(first, self.by(right, names))
            case Negation(inner):
                _own_names(inner, names)
                return true()
            case Compare() | Match() | OneOf():
                return self._by_one(condition, _own_names(condition, names))

    def _by_one(self, one: Compare | Match | OneOf, names: list[str]) -> ColumnElement[bool]:
        kind = self._types.get(one.column)
        if kind is None:
            return true()

        def says(value: ColumnElement[Any]) -> ColumnElement[bool]:
            return condition_sql(one, {one.column: FilterColumn(value, kind)}, iter(names))

        value = self._rows.selected_columns[one.column]
        # What is stored as it is needs no condition beside the filter's own.
        return true() if self._is_stored(_bare(value)) else self._of_value(value, says)

    def _of_value(self, value: ColumnElement[Any], says: _Says) -> ColumnElement[bool]:
        """Return what follows from something being said of a value."""
        value = self._told(_bare(value))
        match value:
            case Case():
                return self._of_case(value, says)
            case Null():
                return says(null())
            case BindParameter() if value.value is not None:
                return says(value)
        return says(_apart(value)) if self._is_stored(value) else true()

    def _of_case(self, value: Case[Any], says: _Says) -> ColumnElement[bool]:
        found, before = list[ColumnElement[bool]](), list[ColumnElement[bool]]()
        for case_of, then in value.whens:
            when = case_of if value.value is None else value.value == case_of
            found.append(and_(*before, self._of_condition(when), self._of_value(then, says)))
            if self._is_stored(when):
                before.append(_apart(when).is_not(true()))
        other = null() if value.else_ is None else value.else_
        return or_(*found, and_(*before, self._of_value(other, says)))

    def _of_condition(self, condition: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return what follows from a condition of a report's own."""
        condition = _bare(condition)
        if self._is_stored(condition):
            return condition
        if isinstance(condition, BooleanClauseList):
            parts = [self._of_condition(part) for part in condition.clauses]
            return and_(*parts) if condition.operator is operators.and_ else or_(*parts)
        if isinstance(condition, BinaryExpression) and self._is_stored(condition.right):
            left = condition.left

            def says(value: ColumnElement[Any]) -> ColumnElement[bool]:
                def other(element: Any, **_: Any) -> Any:
                    return value if element is left else None

                return visitors.replacement_traverse(condition, {}, other)

            return self._of_value(left, says)
        return true()

    def _told(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return what stands behind a column of a from-clause that only gives expressions a name."""
        query: Any = value.table if isinstance(value, ColumnClause) else None
        while isinstance(query, Lateral | Subquery):
            query = query.element
        if not isinstance(query, Select):
            return value
        # One row of its own, and the rest is from what it is joined to.
        is_one_row = any(isinstance(one, Values) for one in query.get_final_froms())
        return _bare(query.selected_columns[value.name]) if is_one_row else value

    def _is_stored(self, value: ColumnElement[Any]) -> bool:
        """Tell whether an expression is worked out from nothing but stored columns of its own row."""
        parts = list(visitors.iterate(value))
        known = {part for part in parts if isinstance(part, FromClause)} | self._datasets.keys()
        columns = (part for part in parts if isinstance(part, ColumnClause))
        apart = any(isinstance(part, Table | Over | FunctionFilter) for part in parts)
        # A sum of a question of its own is one of something in the row, another one of several rows.
        questions = any(isinstance(part, Select) for part in parts)
        summed = any(isinstance(part, FunctionElement) and part.name in _SUMS for part in parts)
        if apart or (summed and not questions):
            return False
        return all(column.table is None or column.table in known for column in columns)


def _bare(value: Any) -> Any:
    while isinstance(value, Label | Grouping):
        value = value.element
    return value


def _apart(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Set a value in parentheses: SQLAlchemy has none in `NOT a IS NULL`, which is of the outcome."""
    return Grouping(value)


def _own_names(condition: Condition, names: Iterator[str]) -> list[str]:
    """Take the names of the parameters that a condition has."""
    return list(islice(names, sum(1 for _ in condition_values(condition))))


def says_something(condition: ColumnElement[bool]) -> bool:
    """Tell whether a condition leaves out any row."""
    return not isinstance(condition, True_)
