"""What every answer is: a struct whose fields are camelCase on the wire."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

# On the wire RFC 3339 with an offset, and a day `yyyy-MM-dd`; the schema says so.
type Instant = Annotated[datetime, Meta(tz=True)]
type DateText = Annotated[str, Meta(extra_json_schema={"format": "date"})]


class Answer(Struct, rename="camel"):
    """An answer whose fields are camelCase on the wire."""


def shaped[T](value: object, kind: type[T]) -> T:
    """Return `value` (objects with the same attributes, in lists or not) as `kind`."""
    return msgspec.convert(value, kind, from_attributes=True)
