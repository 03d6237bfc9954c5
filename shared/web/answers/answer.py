"""What every answer is: a struct whose fields are camelCase on the wire."""

import msgspec
from msgspec import Struct


class Answer(Struct, rename="camel"):
    """An answer whose fields are camelCase on the wire."""


def shaped[T](value: object, kind: type[T]) -> T:
    """Return `value` (objects with the same attributes, in lists or not) as `kind`."""
    return msgspec.convert(value, kind, from_attributes=True)
