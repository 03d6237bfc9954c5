"""`$filter`: parsed into a predicate over JSON objects, with the features it uses.

Grammar: OData 4.01 URL conventions, the subset the "Use the $filter query parameter" page shows.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from infra.local.sandbox.messages import ApiError

type Value = Callable[[Any], Any]
type Scope = dict[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
  | (?P<moment>\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)?)(?![0-9a-fA-F-])
  | (?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][\w.]*(?:/[$A-Za-z_][\w.]*)*)
  | (?P<mark>[(),:])
    )""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and b is not None and a > b,
    "ge": lambda a, b: a is not None and b is not None and a >= b,
    "lt": lambda a, b: a is not None and b is not None and a < b,
    "le": lambda a, b: a is not None and b is not None and a <= b,
}
_TEXT_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}


def _invalid(text: str) -> ApiError:
    return ApiError(400, "BadRequest", f"Invalid filter clause: {text}")


def comparable(value: Any) -> Any:
    """Text without case; everything else as it is. Directory comparisons ignore case."""
    return value.casefold() if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value if "T" in value else f"{value}T00:00:00Z")
    except ValueError:
        return None


class Filter:
    """A parsed expression: call `matches(row)`; `features` names the operators it uses."""

    def __init__(self, text: str) -> None:
        self.features: set[str] = set()
        self.paths: set[str] = set()
        self.bounds: list[tuple[str, str, str]] = []
        self._variables: set[str] = set()
        self._tokens = self._split(text)
        self._at = 0
        predicate = self._or()
        if self._at < len(self._tokens):
            raise _invalid(f"unexpected '{self._tokens[self._at][1]}'.")
        self._predicate = predicate

    def matches(self, row: Any) -> bool:
        """Whether a row passes."""
        return bool(self._predicate({"": row}))

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise _invalid(f"syntax error at position {at}.")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        if not tokens:
            raise _invalid("the expression is empty.")
        return tokens

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _word(self, *words: str) -> str:
        kind, text = self._peek()
        if kind == "name" and text.lower() in words:
            self._at += 1
            return text.lower()
        return ""

    def _take(self, mark: str) -> None:
        if self._peek()[1] != mark:
            raise _invalid(f"expected '{mark}'.")
        self._at += 1

    def _or(self) -> Value:
        parts = [self._and()]
        while self._word("or"):
            self.features.add("or")
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda s: any(part(s) for part in parts)

    def _and(self) -> Value:
        parts = [self._not()]
        while self._word("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda s: all(part(s) for part in parts)

    def _not(self) -> Value:
        if self._word("not"):
            self.features.add("not")
            inner = self._not()
            return lambda s: not inner(s)
        return self._comparison()

    def _comparison(self) -> Value:
        start = self._peek()
        left = self._operand()
        operator = self._word(*_COMPARISONS, "in", "has")
        if not operator:
            return left
        self.features.add(operator)
        if operator == "in":
            self._take("(")
            choices = [self._operand()]
            while self._peek()[1] == ",":
                self._at += 1
                choices.append(self._operand())
            self._take(")")
            return lambda s: left(s) in [choice(s) for choice in choices]
        literal = self._peek()
        right = self._operand()
        if operator == "has":
            return lambda s: str(right(s)) in str(left(s) or "").split(",")
        compare = _COMPARISONS[operator]
        if literal[0] == "moment":
            self.bounds.append((start[1], operator, literal[1]))
            return lambda s: compare(_moment_of(left(s)), _moment(right(s)))
        return lambda s: compare(left(s), right(s))

    def _operand(self) -> Value:
        kind, text = self._peek()
        self._at += 1
        if text == "(":
            inner = self._or()
            self._take(")")
            return inner
        if kind == "text":
            found = comparable(text[1:-1].replace("''", "'"))
            return lambda _s: found
        if kind == "moment":
            return lambda _s: text
        if kind == "guid":
            return lambda _s: text.casefold()
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return lambda _s: number
        if kind == "name":
            return self._named(text)
        raise _invalid(f"unexpected '{text}'.")

    def _named(self, text: str) -> Value:
        constants = {"true": True, "false": False, "null": None}
        if text.lower() in constants:
            constant = constants[text.lower()]
            return lambda _s: constant
        if text.lower() in _TEXT_FUNCTIONS and self._peek()[1] == "(":
            return self._text_function(text.lower())
        head, _, tail = text.rpartition("/")
        if tail.lower() in ("any", "all") and self._peek()[1] == "(":
            return self._lambda(head, tail.lower())
        if tail == "$count":
            self.features.add("$count")
            path = self._path(head)
            return lambda s: len(path(s) or ())
        return self._path(text)

    def _text_function(self, name: str) -> Value:
        self.features.add(name)
        self._take("(")
        subject = self._operand()
        self._take(",")
        part = self._operand()
        self._take(")")
        test = _TEXT_FUNCTIONS[name]
        return lambda s: isinstance(subject(s), str) and test(subject(s), part(s))

    def _lambda(self, path: str, quantifier: str) -> Value:
        self.features.add(quantifier)
        items = self._path(path)
        self._take("(")
        if self._peek()[1] == ")":
            self._at += 1
            return lambda s: bool(items(s))
        variable = self._peek()[1]
        self._at += 1
        self._take(":")
        self._variables.add(variable)
        inner = self._or()
        self._take(")")
        decide = any if quantifier == "any" else all
        return lambda s: decide(inner({**s, variable: item}) for item in items(s) or ())

    def _path(self, text: str) -> Value:
        parts = text.split("/")
        root = ""
        if parts[0] in self._variables:
            root, parts = parts[0], parts[1:]
        else:
            self.paths.add(parts[0])

        def value(scope: Scope) -> Any:
            found = scope[root]
            for part in parts:
                if "." not in part:  # a type cast narrows nothing here
                    found = found.get(part) if isinstance(found, dict) else None
            return comparable(found)

        return value


def _moment_of(value: Any) -> Any:
    return _moment(value.upper()) if isinstance(value, str) else value
