"""Strict records with the manners of protobuf messages, which the library worker expects.

The worker never imports protobuf: it builds whatever classes the host hands it. What matters is
that an unknown field or a wrong type raises as protobuf does, that None means unset, and that an
unset field reads as its default (https://protobuf.dev/reference/python/python-generated/).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

type Check = Callable[[Any], Any]


class Field:
    """How one field checks what it is given and what it reads as when unset."""

    def __init__(self, check: Check, default: Callable[[], Any]) -> None:
        self.check, self.default = check, default


class Message:
    """Base of all records: `class Point(Message, x=whole(), y=whole())`.

    With `oneof`, at most one of the fields is set and WhichOneof(oneof) names it.
    """

    FIELDS: ClassVar[dict[str, Field]] = {}
    ONEOF: ClassVar[str] = ""

    def __init_subclass__(cls, *, oneof: str = "", **fields: Field) -> None:
        cls.FIELDS, cls.ONEOF = fields, oneof

    def __init__(self, **values: Any) -> None:
        given: dict[str, Any] = {}
        for name, value in values.items():
            if name not in self.FIELDS:
                raise ValueError(f"{type(self).__name__} has no field {name!r}")
            if value is not None:
                given[name] = self.FIELDS[name].check(value)
        self.__dict__["_given"] = given

    def __getattr__(self, name: str) -> Any:
        field = type(self).FIELDS.get(name)
        if field is None:
            raise AttributeError(name)
        given: dict[str, Any] = self.__dict__["_given"]
        return given[name] if name in given else field.default()

    def HasField(self, name: str) -> bool:  # noqa: N802 - protobuf's own name
        """Tell whether a field was set."""
        return name in self.__dict__["_given"]

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 - protobuf's own name
        """Name the member of the one-of group that is set."""
        if group != self.ONEOF:
            raise ValueError(f"{type(self).__name__} has no oneof {group!r}")
        return next(iter(self.__dict__["_given"]), None)


def _instance(wanted: type, label: str) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, wanted):
            raise TypeError(f"{label} expected, got {type(value).__name__}")
        return value

    return check


def _whole(value: Any) -> int:
    if isinstance(value, float) or not hasattr(value, "__index__"):
        raise TypeError(f"int expected, got {type(value).__name__}")
    return int(value)


def _real(value: Any) -> float:
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise TypeError(f"number expected, got {type(value).__name__}")
    return float(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise TypeError(f"str expected, got {type(value).__name__}")
    return value


def text() -> Field:
    """A string field."""
    return Field(_text, str)


def octets() -> Field:
    """A bytes field."""
    return Field(_instance(bytes, "bytes"), bytes)


def whole() -> Field:
    """An integer field."""
    return Field(_whole, int)


def real() -> Field:
    """A floating-point field."""
    return Field(_real, float)


def flag() -> Field:
    """A boolean field."""
    return Field(_instance(int, "bool"), bool)


def duration() -> Field:
    """A duration field; the generated classes take a timedelta."""
    return Field(_instance(timedelta, "timedelta"), timedelta)


def label(values: Mapping[str, int]) -> Field:
    """An enum field: takes a label or a number, reads as a number."""

    def check(value: Any) -> int:
        if not isinstance(value, str):
            return _whole(value)
        if value not in values:
            raise ValueError(f"unknown enum label {value!r}")
        return values[value]

    return Field(check, int)


def record(kind: Callable[[], type[Message]]) -> Field:
    """A nested message; `kind` is called late so that records may refer to each other."""

    def check(value: Any) -> Any:
        return _instance(kind(), kind().__name__)(value)

    def default() -> Message:
        return kind()()

    return Field(check, default)


def many(item: Field) -> Field:
    """A repeated field."""

    def check(values: Iterable[Any]) -> list[Any]:
        return [item.check(value) for value in values]

    return Field(check, list)


def table(item: Field) -> Field:
    """A map field with string keys."""

    def check(values: Mapping[str, Any]) -> dict[str, Any]:
        return {_text(key): item.check(value) for key, value in values.items()}

    return Field(check, dict)
