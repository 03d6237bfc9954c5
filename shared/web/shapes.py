"""What every body and every answer is: a struct whose fields are camelCase on the wire.

An answer names its fields although a row of the store may have the same: what goes out is chosen
here, and a column that is added there does not leak.
"""

import msgspec
from msgspec import Struct

from shared.core.names import HIDING

# In Python a bare $ would let a line feed at the end pass.
NO_LINE_FEED = r"(?!\n)"
# A text in a body that hides nothing.
PLAIN = rf"^[^{HIDING}]*${NO_LINE_FEED}"


class Answer(Struct, rename="camel"):
    """An answer whose fields are camelCase on the wire."""


class Body(Struct, rename="camel", forbid_unknown_fields=True):
    """A body of a request; a field that we do not know is refused."""


class Problem(Answer, omit_defaults=True):
    """RFC 9457. `code` is stable; `parameter` names the input at fault."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    parameter: str | None = None


def shaped[T](value: object, kind: type[T]) -> T:
    """Return `value` (objects with the same attributes, in lists or not) as `kind`."""
    return msgspec.convert(value, kind, from_attributes=True)
