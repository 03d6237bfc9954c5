"""Reads the OData subset of the `filter` parameter into a condition tree, typed by the report's columns.

The names of functions are taken in any letter case: Graph's documentation writes `startsWith`.
Strings are in single quotes, a quote inside is doubled; date-times are ISO 8601 with an offset and
not quoted; `null` goes with eq and ne. Grammar: https://docs.oasis-open.org/odata/odata/v4.01/
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import cast

from msgspec import Struct

from shared.core.errors import BadRequest
from shared.core.query import (
    Both,
    Compare,
    Condition,
    Either,
    Match,
    Negation,
    OneOf,
    Operator,
    Value,
)
from shared.core.report import ValueType
from shared.core.text import Text, entry

GRAMMAR = """\
filter     = both *("or" both)
both       = term *("and" term)
term       = ["not"] ( "(" filter ")" | function | comparison )
function   = ("startswith" | "contains" | "endswith") "(" column "," string ")"
comparison = column ( operator value | "in" "(" value *("," value) ")" )
"""

MAX_LENGTH = 4000
MAX_TERMS = 100
# No index serves `endswith`, nor a `contains` that not every row must meet: each reads every row again.
MAX_SEARCHES = 10
MAX_DEPTH = 20
MAX_VALUES = 200

# Compiled with the first filter, not with the first answer: re keeps what it has compiled.
_SPELLING = r"""\s*(?:
      (?P<string>'(?:[^']|'')*')
    | (?P<time>\d{4}-\d\d-\d\d(?:[Tt][0-9:.]+(?:[Zz]|[+-]\d\d:\d\d)?)?)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<sign>[(),])
    )"""
# An instant whose offset begins with a blank, which in an address is what a bare + means.
_LOST_PLUS = r"\d{4}-\d\d-\d\d[Tt][0-9:.]+ \d\d:?\d\d"
_OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_FUNCTIONS = frozenset({"startswith", "contains", "endswith"})


class _Token(Struct, frozen=True):
    kind: str
    text: str
    position: int


def parse_filter(text: str, columns: Mapping[str, ValueType]) -> Condition:
    """Return the condition of `text`; `columns` maps each filterable column id to its type.

    BadRequest with code filter_syntax, filter_type, filter_too_long or column_unknown.
    """
    if len(text) > MAX_LENGTH:
        raise _too_big("characters", MAX_LENGTH)
    return _Parser(_tokens(text), columns).parse()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    token = re.compile(_SPELLING, re.VERBOSE | re.ASCII)
    position, end = 0, len(text.rstrip())
    while position < end:
        found = token.match(text, position)
        if found is None or found.lastgroup is None:
            quote = text[position:].lstrip()[0] in "'\""
            raise _syntax(position, entry("expected.text" if quote else "expected.word"))
        if found.lastgroup == "time" and (
            lost := re.match(_LOST_PLUS, text[found.start("time") :], re.ASCII)
        ):
            raise BadRequest("instant_expected", parameter="filter", value=lost[0])
        tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
        position = found.end()
    tokens.append(_Token("end", "", end))
    return tokens


def _syntax(position: int, expected: Text | str) -> BadRequest:
    return BadRequest("filter_syntax", parameter="filter", position=position + 1, expected=expected)


def _too_big(unit: str, limit: int) -> BadRequest:
    return BadRequest(
        "filter_too_long", parameter="filter", unit=entry(f"filter_unit.{unit}"), limit=limit
    )


class _Parser:
    """Recursive descent; one instance per filter."""

    def __init__(self, tokens: list[_Token], columns: Mapping[str, ValueType]) -> None:
        self._tokens = tokens
        self._columns = columns
        self._next = 0
        self._depth = 0
        self._terms = 0
        self._searches = 0

    def parse(self) -> Condition:
        condition = self._either()
        if self._peek().kind != "end":
            raise _syntax(self._peek().position, entry("expected.end"))
        return condition

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def _taken(self, word: str) -> bool:
        """Take the next token if it is `word`."""
        token = self._peek()
        if token.kind in ("word", "sign") and token.text == word:
            self._next += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._taken(sign):
            raise _syntax(self._peek().position, f"'{sign}'")

    def _either(self) -> Condition:
        condition = self._both()
        while self._taken("or"):
            condition = Either(condition, self._both())
        return condition

    def _both(self) -> Condition:
        condition = self._term()
        while self._taken("and"):
            condition = Both(condition, self._term())
        return condition

    def _term(self) -> Condition:
        self._terms += 1
        self._depth += 1
        if self._terms > MAX_TERMS:
            raise _too_big("conditions", MAX_TERMS)
        if self._depth > MAX_DEPTH:
            raise _too_big("levels", MAX_DEPTH)
        try:
            if self._taken("not"):
                return Negation(self._term())
            if self._taken("("):
                condition = self._either()
                self._expect(")")
                return condition
            if self._peek().text.lower() in _FUNCTIONS:
                return self._match()
            return self._comparison()
        finally:
            self._depth -= 1

    def _match(self) -> Match:
        function = self._take()
        self._expect("(")
        column = self._column()
        if self._columns[column] != "text":
            raise self._wrong_type(column, function.text)
        self._expect(",")
        needle = self._take()
        if needle.kind != "string":
            raise _syntax(needle.position, entry("expected.text"))
        self._expect(")")
        name = function.text.lower()
        self._searches += name != "startswith"
        if self._searches > MAX_SEARCHES:
            raise _too_big("searches", MAX_SEARCHES)
        if name == "startswith":
            return Match(column, "startswith", _unquote(needle.text))
        return Match(
            column, "contains" if name == "contains" else "endswith", _unquote(needle.text)
        )

    def _comparison(self) -> Condition:
        column = self._column()
        operator = self._take()
        if operator.text == "in":
            self._expect("(")
            values = [self._value(column)]
            while self._taken(","):
                values.append(self._value(column))
            self._expect(")")
            if len(values) > MAX_VALUES:
                raise _too_big("values", MAX_VALUES)
            return OneOf(column, tuple(values))
        if operator.kind != "word" or operator.text not in _OPERATORS:
            raise _syntax(operator.position, entry("expected.operator"))
        value = self._value(column)
        equality = operator.text in ("eq", "ne")
        if not equality and (value is None or isinstance(value, bool)):
            raise self._wrong_type(column, operator.text)
        return Compare(column, cast("Operator", operator.text), value)

    def _column(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise _syntax(token.position, entry("expected.column"))
        if token.text not in self._columns:
            raise BadRequest(
                "column_unknown",
                parameter="filter",
                value=token.text,
                columns=", ".join(self._columns),
            )
        return token.text

    def _value(self, column: str) -> Value:
        token = self._take()
        if token.kind == "word" and token.text == "null":
            return None
        try:
            value = _typed(token, self._columns[column])
        except (ValueError, OverflowError):
            raise self._wrong_type(column, token.text) from None
        if value is None:
            if token.kind in ("end", "sign"):
                raise _syntax(token.position, entry("expected.value"))
            raise self._wrong_type(column, token.text)
        return value

    def _wrong_type(self, column: str, value: str) -> BadRequest:
        expected = entry(f"expected.{self._columns[column]}")
        return BadRequest(
            "filter_type", parameter="filter", column=column, expected=expected, value=value
        )


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _typed(token: _Token, kind: ValueType) -> Value:
    """The value of `token` for a column of type `kind`; None if the two do not go together."""
    match kind, token.kind:
        case "text", "string":
            return _unquote(token.text)
        case "bool", "word" if token.text in ("true", "false"):
            return token.text == "true"
        case "int", "number":
            return whole(int(token.text))
        case "float", "number":
            return float(token.text)
        case "date", "time":
            return date.fromisoformat(token.text)
        case "timestamp", "time":
            return _instant(token.text)
    return None


def whole(number: int) -> int:
    """Return `number` if the database's integers can hold it; ValueError if not."""
    if not -(2**63) <= number < 2**63:
        raise ValueError(number)
    return number


def _instant(text: str) -> datetime:
    """A bare date is its first moment in UTC; a time needs its offset."""
    text = text.upper()
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if "T" in text:
            raise ValueError(text)
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
