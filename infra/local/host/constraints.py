"""Inline route constraints of ASP.NET Core, by name.

Facts: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime

type Test = Callable[[str], bool]

_NUMBER = re.compile(r"[+-]?\d+")
_DATES = ("%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p")


def build_constraint(name: str, arguments: list[str]) -> Test:
    """The test that a constraint such as `range(1,9)` stands for.

    Raises ValueError for an unknown name or wrong arguments: the platform then cannot build the
    route.
    """
    key = name.lower()
    if key in _PLAIN and not arguments:
        return _PLAIN[key]
    if key in _WITH_ARGUMENTS:
        count, build = _WITH_ARGUMENTS[key]
        if len(arguments) in count:
            return build(*arguments)
    raise ValueError(f"ASP.NET Core has no route constraint {name}({', '.join(arguments)})")


def _integer(bits: int) -> Test:
    limit = 2 ** (bits - 1)

    def test(text: str) -> bool:
        return bool(_NUMBER.fullmatch(text)) and -limit <= int(text) < limit

    return test


def _is_float(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text.strip("{}()"))
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    for form in _DATES:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 - only its form is looked at
        except ValueError:
            continue
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_file(text: str) -> bool:
    return "." in text.rsplit("/", 1)[-1].rstrip(".")


def _between(low: int | None, high: int | None) -> Test:
    long = _integer(64)

    def test(text: str) -> bool:
        return (
            long(text) and (low is None or int(text) >= low) and (high is None or int(text) <= high)
        )

    return test


def _length(low: str, high: str | None = None) -> Test:
    shortest, longest = int(low), int(high or low)
    return lambda text: shortest <= len(text) <= longest


def _regex(pattern: str) -> Test:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: compiled.search(text) is not None


_PLAIN: dict[str, Test] = {
    "int": _integer(32),
    "long": _integer(64),
    "bool": lambda text: text.lower() in ("true", "false"),
    "datetime": _is_date,
    "decimal": _is_float,
    "double": _is_float,
    "float": _is_float,
    "guid": _is_guid,
    "alpha": lambda text: not text or (text.isascii() and text.isalpha()),
    "required": lambda text: text != "",
    "file": _is_file,
    "nonfile": lambda text: not _is_file(text),
}
_WITH_ARGUMENTS: dict[str, tuple[tuple[int, ...], Callable[..., Test]]] = {
    "minlength": ((1,), lambda low: lambda text: len(text) >= int(low)),
    "maxlength": ((1,), lambda high: lambda text: len(text) <= int(high)),
    "length": ((1, 2), _length),
    "min": ((1,), lambda low: _between(int(low), None)),
    "max": ((1,), lambda high: _between(None, int(high))),
    "range": ((2,), lambda low, high: _between(int(low), int(high))),
    "regex": ((1,), _regex),
}
