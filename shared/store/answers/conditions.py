"""Turns a filter tree into SQL: forms that keep their index below a row-level security policy."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, assert_never

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Text,
    and_,
    any_,
    bindparam,
    func,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from shared.core.query import Both, Compare, Condition, Either, Match, Negation, OneOf, Value
from shared.core.report import ValueType
from shared.store.schema.dataset_tables import COLLATION

_TYPES: Mapping[type, TypeEngine[Any]] = {
    bool: Boolean(),
    int: BigInteger(),
    float: Double(),
    str: Text(),
}


class FilterColumn(Struct, frozen=True):
    """A column as a filter sees it.

    `folded` is the same in lower case where case does not count; `collated` the sort key of a name.
    """

    expression: ColumnElement[Any]
    type: ValueType
    folded: ColumnElement[Any] | None = None
    collated: ColumnElement[Any] | None = None

    @property
    def compared(self) -> ColumnElement[Any]:
        """The expression that filters compare: text in byte order, which is leakproof."""
        return self._in_bytes(self.expression if self.folded is None else self.folded)

    @property
    def place(self) -> ColumnElement[Any]:
        """The expression whose value is the row's place in an order by this column."""
        if self.collated is not None:
            return self._in_bytes(self.collated)
        return self.compared

    def _in_bytes(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        return expression.collate(COLLATION) if self.type == "text" else expression


def parameter(name: str, value: Value) -> ColumnElement[Any]:
    """Return the bind parameter `name`, typed like `value`."""
    return bindparam(name, None, type_=sql_type(value))


def sql_type(value: Value) -> TypeEngine[Any]:
    """Return the SQL type of a filter value."""
    kind = _TYPES.get(type(value))
    if kind is not None:
        return kind
    return DateTime(timezone=True) if hasattr(value, "tzinfo") else Date()


def condition_sql(
    condition: Condition, columns: Mapping[str, FilterColumn], names: Iterator[str]
) -> ColumnElement[bool]:
    """Return `condition` over `columns`, taking one parameter name per value from `names`.

    `ne` and `not` hold for null as well: what is unknown is not equal to anything.
    """
    match condition:
        case Both(left, right):
            first = condition_sql(left, columns, names)
            return and_(first, condition_sql(right, columns, names))
        case Either(left, right):
            first = condition_sql(left, columns, names)
            return or_(first, condition_sql(right, columns, names))
        case Negation(inner):
            return not_(func.coalesce(condition_sql(inner, columns, names), False))
        case Compare():
            return _compare(condition, columns[condition.column], names)
        case Match():
            return _match(condition, columns[condition.column], names)
        case OneOf():
            return _one_of(condition, columns[condition.column], names)
        case _:
            assert_never(condition)


def condition_values(condition: Condition | None) -> Iterator[object]:
    """Yield the parameter values of `condition` in the order `condition_sql` names them."""
    match condition:
        case Both(left, right) | Either(left, right):
            yield from condition_values(left)
            yield from condition_values(right)
        case Negation(inner):
            yield from condition_values(inner)
        case Compare(_, _, value) if value is not None:
            yield value
        case Match(_, "startswith", value):
            yield value
            yield after_prefix(value)
        case Match(_, "contains", value):
            yield f"%{escaped(value)}%"
        case Match(_, "endswith", value):
            yield f"%{escaped(value)}"
        case OneOf(_, values) if _array(values):
            yield _array(values)


def condition_shape(condition: Condition | None) -> tuple[object, ...]:
    """Return what of `condition` decides the SQL text: all but the values, save null."""
    match condition:
        case Both(left, right):
            return ("both", condition_shape(left), condition_shape(right))
        case Either(left, right):
            return ("either", condition_shape(left), condition_shape(right))
        case Negation(inner):
            return ("not", condition_shape(inner))
        case Compare(column, operator, value):
            return (column, operator, type(value))
        case Match(column, function, value):
            return (column, function, after_prefix(value) is None, len(value) >= TRIGRAM)
        case OneOf(column, values):
            return (column, "in", None in values, *{type(value) for value in _array(values)})
    return ()


# A shorter needle contains no trigram: the index would be read as a whole.
TRIGRAM = 3

_LAST_CHARACTER, _SURROGATES = "\U0010ffff", ("\ud7ff", "\ue000")


def after_prefix(prefix: str) -> str | None:
    """Return the smallest text above every text that starts with `prefix`; None if there is none."""
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    below, above = _SURROGATES
    following = above if stem[-1] == below else chr(ord(stem[-1]) + 1)
    return stem[:-1] + following


def lowered(text: str) -> str:
    """Return `text` as PostgreSQL's lower() does, letter by letter.

    Python's looks at neighbours (the sigma that ends a word) and makes two letters of the dotted I.
    """
    if text.isascii():
        return text.lower()
    return "".join("i" if letter == "\u0130" else letter.lower() for letter in text)


def without_case(condition: Condition | None, columns: Collection[str]) -> Condition | None:
    """Return `condition` with what it compares `columns` with in lower case."""
    match condition:
        case Both(left, right):
            return Both(*_each_without_case((left, right), columns))
        case Either(left, right):
            return Either(*_each_without_case((left, right), columns))
        case Negation(inner):
            return Negation(*_each_without_case((inner,), columns))
        case Compare(column, operator, str() as value) if column in columns:
            return Compare(column, operator, lowered(value))
        case Match(column, function, value) if column in columns:
            return Match(column, function, lowered(value))
        case OneOf(column, values) if column in columns:
            small = (lowered(value) if isinstance(value, str) else value for value in values)
            return OneOf(column, tuple(small))
    return condition


def _each_without_case(
    conditions: Iterable[Condition], columns: Collection[str]
) -> Iterator[Condition]:
    for condition in conditions:
        changed = without_case(condition, columns)
        assert changed is not None  # noqa: S101 - only no condition becomes none
        yield changed


def escaped(text: str) -> str:
    """Return `text` for a LIKE pattern, where it matches itself only."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _compare(condition: Compare, column: FilterColumn, names: Iterator[str]) -> ColumnElement[bool]:
    if condition.value is None:
        known = column.expression.is_not(None)
        return known if condition.operator == "ne" else column.expression.is_(None)
    value = parameter(next(names), condition.value)
    left = column.compared
    match condition.operator:
        case "eq":
            return left == value
        case "ne":
            return left.is_distinct_from(value)
        case "gt":
            return left > value
        case "ge":
            return left >= value
        case "lt":
            return left < value
        case "le":
            return left <= value


def _match(condition: Match, column: FilterColumn, names: Iterator[str]) -> ColumnElement[bool]:
    if condition.function == "startswith":
        low, high = next(names), next(names)
        found = column.compared >= bindparam(low, None, type_=Text())
        if after_prefix(condition.value) is None:
            return and_(found, bindparam(high, None, type_=Text()).is_(None))
        return and_(found, column.compared < bindparam(high, None, type_=Text()))
    pattern = bindparam(next(names), None, type_=Text())
    if condition.function == "contains":
        # The database's own collation folds letter case beyond ASCII, as the index does.
        return column.expression.collate("default").ilike(pattern)
    return column.compared.like(pattern)


def _one_of(condition: OneOf, column: FilterColumn, names: Iterator[str]) -> ColumnElement[bool]:
    values, empty = _array(condition.values), column.expression.is_(None)
    if not values:
        return empty
    kind = ARRAY(sql_type(values[0]))
    found = column.compared == any_(bindparam(next(names), None, type_=kind))
    return or_(found, empty) if None in condition.values else found


def _array(values: Iterable[Value]) -> list[Value]:
    """Return the values without null, numbers as floats if any is one: an array has one type."""
    known: list[Value] = [value for value in values if value is not None]
    if any(type(value) is float for value in known):
        return [float(str(value)) for value in known]
    return known
